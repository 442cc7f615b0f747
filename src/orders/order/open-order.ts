import type { Role } from '../../virtual-numbers/role.js';
import type { Order } from './order.entity.js';
import { NoAgentYet } from './orders.problems.js';
import type { OrderParticipant } from './orders.queries.js';

/** An order that a transaction has locked and that has not ended, with its current participants. */
export class OpenOrder {
  constructor(
    readonly order: Order,
    readonly participants: readonly OrderParticipant[],
  ) {}

  /** Every order has a customer. */
  get customer(): OrderParticipant {
    return this.participant('customer')!;
  }

  /** Null until an agent is assigned. */
  get agent(): OrderParticipant | null {
    return this.participant('agent');
  }

  participant(role: Role): OrderParticipant | null {
    return this.participants.find((one) => one.role === role) ?? null;
  }

  /** @throws NoAgentYet */
  mustHave(role: Role): OrderParticipant {
    const participant = this.participant(role);
    if (!participant) throw new NoAgentYet(this.order.reference);
    return participant;
  }

  /** The participants whom this one may reach. */
  others({ participantId }: OrderParticipant): OrderParticipant[] {
    return this.participants.filter((one) => one.participantId !== participantId);
  }
}
