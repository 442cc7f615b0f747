import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { phoneOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Order } from '../order/order.entity.js';
import type { OpenOrder } from '../order/open-order.js';
import type { OrderEventKind } from '../order/order-event.entity.js';
import { isOnlyCarrier, MOST_PARTICIPANTS } from '../order/order-links.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { SamePhone, UnusableParticipants } from '../order/orders.problems.js';
import {
  joinedAgain,
  leaveOrder,
  setBlocks,
  setLinks,
  stripPhones,
  type JoiningParticipant,
  type OrderParticipant,
} from '../order/orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';
import { PhoneGuesses } from '../order/phone-guesses.service.js';
import { forgetAlternates, ownerOfAlternate } from '../alternate-phones/alternate-phones.queries.js';
import { LinkNumbersService } from '../links/link-numbers.service.js';
import { confirmSome } from '../restoration/order-confirmation.js';
import { servedEvent } from '../links/served-event.js';

/** Adds, replaces and removes participants of orders, and assigns the numbers of their links. */
@Injectable()
export class ParticipantChangesService {
  constructor(
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly pools: PoolsService,
    private readonly phones: ParticipantPhones,
    private readonly guesses: PhoneGuesses,
    private readonly numbers: LinkNumbersService,
  ) {}

  /**
   * Puts a participant on an order, with the numbers through which they and those they are linked to reach each other.
   * All of it commits together, so no active order lacks numbers. The same phone again changes nothing, but that it takes
   * the participant out of doubt after a restore. Another phone
   * replaces the participant of that role, and the others keep their numbers.
   *
   * If the pool is dry, the participant is stored and the order waits for numbers, which `AwaitingOrdersService` assigns.
   *
   * @param since when the order system assigned the participant; default: now. Of two in the same role the later one
   *   stays, in whichever order they arrive.
   * @throws OrderNotFound, OrderClosed, UnusablePhone, TooManyPhonesTried, SamePhone, NumbersBusy; UnusableParticipants if
   *   the order is full
   */
  async put(reference: string, role: Role, phone: string, since = this.clock.now()): Promise<void> {
    await this.numbers.change(async (tx, isDry) => {
      const open = await this.locks.lockOpen(tx, { reference });
      const { order } = open;
      const joins = await this.newcomer(tx, open, { role, phone, since });
      if (joins) await this.join(tx, open, joins, isDry);
      // The same participant again: the order has its numbers by now, or still waits.
      else if (order.status === 'awaiting-numbers' && !isDry) {
        await this.numbers.settle(tx, open, { event: servedEvent(open), isDry });
      }
      return order.poolId;
    });
  }

  /**
   * Removes a participant from an order. Their assignments go into quarantine. Whoever joins in the same role gets the
   * same links.
   *
   * @param since when the order system removed the participant, if it may be late: one who was assigned after it stays
   * @throws OrderNotFound, OrderClosed, NoAgentYet, ParticipantNotFound, NumbersBusy
   */
  async remove(reference: string, role: Role, since?: Date): Promise<void> {
    await this.numbers.change(async (tx, isDry) => {
      const open = await this.locks.lockOpen(tx, { reference });
      const leaving = open.mustHave(role);
      if (since && leaving.joinedAt > since) return null;
      const { order } = open;
      const links = await this.numbers.linksOf(tx, open);
      await this.makeRoom(tx, order, leaving);
      await this.numbers.withdraw(tx, open, leaving);
      const after = open.leftBy(role);
      // Without a carrier the rule links everybody with everybody: the sender with the recipient when their courier left.
      if (isOnlyCarrier(role, after.participants)) {
        order.links = links;
        await setLinks(tx, order.id, links);
      }
      await this.numbers.settle(tx, after, { event: 'order.participant-removed', about: { roles: [role] }, isDry });
      return order.poolId;
    });
  }

  private async join(tx: EntityManager, open: OpenOrder, joins: JoiningParticipant, isDry: boolean): Promise<void> {
    const { role } = joins;
    const leaving = open.participant(role);
    const joining: OrderParticipant = { ...joins, hasAlternates: false };
    if (leaving) {
      await this.makeRoom(tx, open.order, leaving);
      await this.numbers.replace(tx, open, { leaving, joining, samePerson: false }, isDry);
    } else if (open.participants.length >= MOST_PARTICIPANTS) {
      throw new UnusableParticipants('role', `is one too many: an order has at most ${MOST_PARTICIPANTS} participants`);
    } else await this.numbers.takePlace(tx, open, role);
    const event = joinEvent(role, leaving !== null, open.order.status === 'active');
    await this.numbers.settle(tx, open.joinedBy(joining), { event, about: { roles: [role] }, joins, isDry });
  }

  /** Who joins; null if the participant of the role has the same phone, or was assigned later. */
  private async newcomer(
    tx: EntityManager,
    open: OpenOrder,
    { role, phone: text, since }: { role: Role; phone: string; since: Date },
  ): Promise<JoiningParticipant | null> {
    const { order } = open;
    const present = open.participant(role);
    const country = await this.pools.countryOf(tx, order.poolId);
    const participantId = randomUUID();
    const { phone, phoneKey } = await this.phones.seal(tx, 'phone', text, country, phoneOf(participantId));
    this.guesses.count(order.reference, phoneKey);
    const others = present ? open.others(present) : open.participants;
    if (others.some((other) => other.phoneKey?.equals(phoneKey))) throw new SamePhone(order.reference);
    if (others.some(({ hasAlternates }) => hasAlternates)) {
      const owner = await ownerOfAlternate(tx, order.id, phoneKey);
      if (others.some((other) => other.participantId === owner)) throw new SamePhone(order.reference);
    }
    if (present?.phoneKey?.equals(phoneKey)) {
      await confirmSome(tx, order.id, [present.participantId], this.clock.now());
      if (present.joinedAt < since) await joinedAgain(tx, present.participantId, since);
      return null;
    }
    if (present && present.joinedAt > since) return null;
    return { participantId, role, phone, phoneKey, joinedAt: since };
  }

  /** Removes a participant from the order, without the numbers. Nobody blocks a successor. */
  private async makeRoom(tx: EntityManager, order: Order, leaving: OrderParticipant): Promise<void> {
    const blocks = order.blocks.filter(({ by, of }) => by !== leaving.role && of !== leaving.role);
    if (blocks.length < order.blocks.length) await setBlocks(tx, order.id, (order.blocks = blocks));
    const now = this.clock.now();
    await leaveOrder(tx, leaving.participantId, now);
    await confirmSome(tx, order.id, [leaving.participantId], now); // nobody doubts who is not on the order
    if (leaving.hasAlternates) await forgetAlternates(tx, leaving.participantId);
    await stripPhones(tx, [leaving.participantId]); // if they never had a number
  }
}

function joinEvent(role: Role, replaces: boolean, isActive: boolean): OrderEventKind {
  if (role === 'agent') return replaces && isActive ? 'order.agent-replaced' : 'order.agent-assigned';
  return replaces ? 'order.participant-replaced' : 'order.participant-joined';
}
