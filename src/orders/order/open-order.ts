import type { Link } from '../../virtual-numbers/link.js';
import type { Role } from '../../virtual-numbers/role.js';
import { linksOf } from './order-links.js';
import type { Order } from './order.entity.js';
import { NoAgentYet, ParticipantNotFound } from './orders.problems.js';
import type { OrderParticipant } from './orders.queries.js';

/** An order that a transaction has locked, with its current participants. */
export class OpenOrder {
  constructor(
    readonly order: Order,
    readonly participants: readonly OrderParticipant[],
  ) {}

  participant(role: Role): OrderParticipant | null {
    return this.participants.find((one) => one.role === role) ?? null;
  }

  /** @throws NoAgentYet, ParticipantNotFound */
  mustHave(role: Role): OrderParticipant {
    const participant = this.participant(role);
    if (participant) return participant;
    throw role === 'agent' ? new NoAgentYet(this.order.reference) : new ParticipantNotFound(this.order.reference, role);
  }

  /** Everybody but this participant. */
  others({ participantId }: OrderParticipant): OrderParticipant[] {
    return this.participants.filter((one) => one.participantId !== participantId);
  }

  /** The links that the order names, or that follow from the roles of its participants. */
  get links(): readonly Link[] {
    const { links, assignNumbers } = this.order;
    return linksOf(
      links,
      this.participants.map(({ role }) => role),
      assignNumbers,
    );
  }

  /** The order after this participant joined, in place of the one in the same role. */
  joinedBy(joining: OrderParticipant): OpenOrder {
    return new OpenOrder(this.order, [...this.participants.filter(({ role }) => role !== joining.role), joining]);
  }

  /** The order after the participant of this role left. */
  leftBy(leaving: Role): OpenOrder {
    return new OpenOrder(
      this.order,
      this.participants.filter(({ role }) => role !== leaving),
    );
  }
}
