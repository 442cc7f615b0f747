import type { EntityManager } from 'typeorm';

import { addSeconds } from '../../platform/clock/clock.js';
import { closeAssignments } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { lockOrder, moveOrder, stripPhonesOfOrders, type LockedOrder } from './orders.queries.js';

/** Nobody closed the order in its lifetime: it closes as of then, however late we are, with the grace of a completed one. */
export async function expire(tx: EntityManager, order: LockedOrder): Promise<void> {
  const closedAt = order.dueAt!;
  if (order.status !== 'active') {
    const change = {
      status: 'ended',
      dueAt: null,
      event: 'order.expired',
      closedAt,
      endedBecause: 'expired',
    } as const;
    await moveOrder(tx, order.id, change, closedAt);
    await stripPhonesOfOrders(tx, [order.id]);
    return;
  }
  const connectsUntil = addSeconds(closedAt, order.graceSeconds);
  const change = { status: 'closing', dueAt: connectsUntil, connectsUntil, closedAt } as const;
  await moveOrder(tx, order.id, { ...change, event: 'order.expired', endedBecause: 'expired' }, closedAt);
  const quarantinedUntil = addSeconds(connectsUntil, order.quarantineSeconds);
  await closeAssignments(tx, [order.id], { connectsUntil, quarantinedUntil });
}

/**
 * Locks an order as it is by now: one whose lifetime is over has expired, even where nobody had come round to it. Without
 * this, whoever completes it late would let its calls connect again.
 */
export async function lockOrderAsOf(now: Date, tx: EntityManager, reference: string): Promise<LockedOrder | null> {
  const order = await lockOrder(tx, reference);
  if (!order || order.endedBecause !== null || order.dueAt! > now) return order;
  await expire(tx, order);
  return lockOrder(tx, reference);
}
