import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { Clock } from '../../platform/clock/clock.js';
import { closeAssignments } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { numbersDialled, ordersDialling } from '../../virtual-numbers/assignments/assignments.queries.js';
import { AssignmentsService } from '../../virtual-numbers/assignments/assignments.service.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { dialling, diallingFromAllPhones } from './dialling-participant.js';
import type { OpenOrder } from '../order/open-order.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { moveOrder } from '../order/orders.queries.js';

/** Gives live orders another number when one of theirs cannot be dialled any more. */
@Injectable()
export class LostNumberReplacementService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
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
    for (const orderId of await ordersDialling(this.dataSource.manager, number)) {
      // First as little as possible; a provider that has no number left, or has lost all of ours, takes both along.
      for (const move of [this.moveWhoDials, this.moveBoth]) {
        try {
          if (await retryOnConflict(this.dataSource, (tx) => this.moveOne(tx, orderId, number, move))) moved += 1;
          break;
        } catch (failure) {
          if (!(failure instanceof PoolIsDry)) throw failure;
          if (move === this.moveBoth) stuck += 1;
        }
      }
    }
    return { moved, stuck };
  }

  private async moveOne(tx: EntityManager, id: string, number: E164, move: Move): Promise<boolean> {
    const now = this.clock.now();
    const open = await this.locks.lockOpenOrInGrace(tx, { id });
    if (!open || !(await move(tx, open, number, now))) return false;
    const { status, dueAt, connectsUntil } = open.order;
    if (status === 'closing') await closeAssignments(tx, [id], open.order.connectingUntil(connectsUntil!));
    await moveOrder(tx, id, { status, dueAt, event: 'order.numbers-changed' }, now);
    return true;
  }

  /** Each participant who dials the number gets another; the others keep theirs. */
  private readonly moveWhoDials: Move = async (tx, open, number, now) => {
    const { order, participants } = open;
    let moved = false;
    for (const participant of participants) {
      const dials = await numbersDialled(tx, [order.id]);
      if (dials.get(participant.participantId) !== number) continue;
      await this.assignments.replace(tx, order, {
        leaving: dialling(participant),
        joining: await diallingFromAllPhones(tx, participant),
        staying: dialling(open.others(participant)[0]!),
        samePerson: true,
        span: order.spanFrom(now),
        quarantinedUntil: order.connectingUntil(now).quarantinedUntil,
      });
      moved = true;
    }
    return moved;
  };

  /** Both participants get other numbers. */
  private readonly moveBoth: Move = async (tx, { order, customer, agent }, number, now) => {
    const dials = await numbersDialled(tx, [order.id]);
    if (!agent || ![...dials.values()].includes(number)) return false;
    await this.assignments.renew(
      tx,
      order,
      await diallingFromAllPhones(tx, customer),
      await diallingFromAllPhones(tx, agent),
      order.spanFrom(now),
      order.connectingUntil(now).quarantinedUntil,
    );
    return true;
  };
}

/** @returns whether anybody had to be moved */
type Move = (tx: EntityManager, open: OpenOrder, number: E164, now: Date) => Promise<boolean>;
