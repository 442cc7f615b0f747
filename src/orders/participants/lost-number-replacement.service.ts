import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { closeAssignments } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { numbersDialled, ordersDialling } from '../../virtual-numbers/assignments/assignments.queries.js';
import { AssignmentsService } from '../../virtual-numbers/assignments/assignments.service.js';
import type { Role } from '../../virtual-numbers/role.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { alternatesOf } from './alternate-phones.queries.js';
import { lockOrderAsOf } from '../order/expire-order.js';
import {
  currentParticipants,
  moveOrder,
  referencesOf,
  type OrderParticipant,
  type LockedOrder,
} from '../order/orders.queries.js';

/** Gives live orders another number when one of theirs cannot be dialled any more. */
@Injectable()
export class LostNumberReplacementService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly assignments: AssignmentsService,
  ) {}

  /**
   * Gives everybody who dials this number another one to dial, and shows it to whom they call from then on; their pair
   * with the old one rests. The order system learns of it by `order.numbers-changed`. The number itself must be one that
   * takes no orders. Safe to run twice and beside anything: each order is looked at again under its lock.
   *
   * @returns how many orders were moved, and for how many there was no other number
   */
  async moveOff(number: E164): Promise<{ moved: number; stuck: number }> {
    let [moved, stuck] = [0, 0];
    const orderIds = await ordersDialling(this.dataSource.manager, number);
    for (const reference of await referencesOf(this.dataSource.manager, orderIds)) {
      // First as little as possible; a provider that has no number left, or has lost all of ours, takes both along.
      for (const move of [this.moveWhoDials, this.moveBoth]) {
        try {
          if (await retryOnConflict(this.dataSource, (tx) => this.moveOne(tx, reference, number, move))) moved += 1;
          break;
        } catch (failure) {
          if (!(failure instanceof PoolIsDry)) throw failure;
          if (move === this.moveBoth) stuck += 1;
        }
      }
    }
    return { moved, stuck };
  }

  private async moveOne(tx: EntityManager, reference: string, number: E164, move: Move): Promise<boolean> {
    const now = this.clock.now();
    const order = await lockOrderAsOf(now, tx, reference);
    if (order?.status !== 'active' && order?.status !== 'closing') return false;
    if (!(await move(tx, order, number, now))) return false;
    if (order.status === 'closing') {
      const quarantinedUntil = addSeconds(order.connectsUntil!, order.quarantineSeconds);
      await closeAssignments(tx, [order.id], { connectsUntil: order.connectsUntil!, quarantinedUntil });
    }
    const { id, status, dueAt } = order;
    await moveOrder(tx, id, { status, dueAt, event: 'order.numbers-changed' }, now);
    return true;
  }

  /** Each who dials the number gets another; the other side goes on with theirs. */
  private readonly moveWhoDials: Move = async (tx, order, number, now) => {
    const connectsUntil = order.connectsUntil!;
    const participants = await currentParticipants(tx, order.id);
    let moved = false;
    for (const one of participants) {
      const dials = await numbersDialled(tx, [order.id]);
      if (dials.get(one.participantId) !== number) continue;
      const other = participants.find(({ role }) => role !== one.role)!;
      await this.assignments.replace(tx, order, {
        leaving: phonesOf(one),
        joining: { ...phonesOf(one), alternates: await alternatesOf(tx, one.participantId) },
        staying: phonesOf(other),
        samePerson: true,
        span: { assignedAt: now, connectsUntil },
        quarantinedUntil: addSeconds(now, order.quarantineSeconds),
      });
      moved = true;
    }
    return moved;
  };

  /** Both sides get other numbers. */
  private readonly moveBoth: Move = async (tx, order, number, now) => {
    const dials = await numbersDialled(tx, [order.id]);
    if (![...dials.values()].includes(number)) return false;
    const participants = await currentParticipants(tx, order.id);
    const side = async (role: Role) => {
      const one = participants.find((participant) => participant.role === role)!;
      return { ...phonesOf(one), alternates: await alternatesOf(tx, one.participantId) };
    };
    const [customer, agent] = [await side('customer'), await side('agent')];
    const span = { assignedAt: now, connectsUntil: order.connectsUntil! };
    await this.assignments.renew(tx, order, customer, agent, span, addSeconds(now, order.quarantineSeconds));
    return true;
  };
}

/** @returns whether anybody had to be moved */
type Move = (tx: EntityManager, order: LockedOrder, number: E164, now: Date) => Promise<boolean>;

function phonesOf({ participantId, role, phone, phoneKey }: OrderParticipant) {
  return { participantId, role, phone: phone!, phoneKey: phoneKey! };
}
