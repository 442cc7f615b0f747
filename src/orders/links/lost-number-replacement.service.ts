import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { Clock } from '../../platform/clock/clock.js';
import { closeAssignments } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { linkSides, ordersDialling, type LinkSide } from '../../virtual-numbers/assignments/assignments.queries.js';
import { AssignmentsService } from '../../virtual-numbers/assignments/assignments.service.js';
import { isSameLink, type Link } from '../../virtual-numbers/link.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { dialling, diallingFromAllPhones } from '../alternate-phones/dialling-participant.js';
import type { OpenOrder } from '../order/open-order.js';
import { onlyFromOn } from '../order/order-links.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { moveOrder } from '../order/orders.queries.js';

/** Gives open orders another number when one of theirs is lost. */
@Injectable()
export class LostNumberReplacementService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly assignments: AssignmentsService,
  ) {}

  /**
   * Replaces a number on all orders that use it: gives its diallers another number, which is also shown to the people
   * they call. The old assignments go into quarantine. The order system is informed by `order.numbers-changed`. The
   * number must be in a state that takes no orders. Safe to run twice and concurrently: each order is checked again
   * under its lock.
   *
   * @returns for how many orders it was replaced, and for how many no other number was free
   */
  async replace(number: E164): Promise<{ moved: number; stuck: number }> {
    let [moved, stuck] = [0, 0];
    for (const orderId of await ordersDialling(this.dataSource.manager, number)) {
      // First changes as little as possible. If the provider has no number left, both participants of the link get
      // numbers of another one.
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

  /** Gives another number to each participant who dials the lost one; the others keep theirs. */
  private readonly moveWhoDials: Move = async (tx, open, number, now) => {
    const { order, participants } = open;
    const lost = (await linkSides(tx, [order.id])).filter((side) => side.number === number);
    for (const { diallerId, calleeId, calleeRole } of lost) {
      const participant = participants.find(({ participantId }) => participantId === diallerId)!;
      const callee = participants.find(({ participantId }) => participantId === calleeId);
      await this.assignments.replace(tx, order, {
        leaving: dialling(participant),
        joining: await diallingFromAllPhones(tx, participant),
        staying: [callee ? dialling(callee) : { role: calleeRole }],
        onlyFrom: (other) => onlyFromOn(open.links, participant.role, other),
        samePerson: true,
        span: order.spanFrom(now),
        quarantinedUntil: order.connectingUntil(now).quarantinedUntil,
      });
    }
    return lost.length > 0;
  };

  /** Gives other numbers to both participants of each link that uses the lost one. */
  private readonly moveBoth: Move = async (tx, open, number, now) => {
    const { order } = open;
    const lost = (await linkSides(tx, [order.id])).filter((side) => side.number === number && side.calleeId !== null);
    const links: LinkSide[] = [];
    for (const side of lost) if (!links.some((link) => isSameLink(linkOf(link), linkOf(side)))) links.push(side);
    for (const { diallerRole, calleeRole } of links) {
      const [one, other] = [open.mustHave(diallerRole), open.mustHave(calleeRole)];
      await this.assignments.renew(
        tx,
        order,
        {
          one: await diallingFromAllPhones(tx, one),
          other: await diallingFromAllPhones(tx, other),
          onlyFrom: onlyFromOn(open.links, diallerRole, calleeRole),
        },
        order.spanFrom(now),
        order.connectingUntil(now).quarantinedUntil,
      );
    }
    return links.length > 0;
  };
}

function linkOf({ diallerRole, calleeRole }: LinkSide): Link {
  return { roles: [diallerRole, calleeRole], onlyFrom: null };
}

/** @returns whether anybody needed another number */
type Move = (tx: EntityManager, open: OpenOrder, number: E164, now: Date) => Promise<boolean>;
