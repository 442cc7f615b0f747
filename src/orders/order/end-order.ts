import type { EntityManager } from 'typeorm';

import { closeAssignments, releaseNumbers } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import type { Ending, Order } from './order.entity.js';
import { moveOrder, stripPhonesOfOrders } from './orders.queries.js';

/**
 * Ends a locked order as of an instant. Calls connect during its grace; then the sweep releases its numbers. Without
 * grace, or without numbers, it ends at once.
 *
 * @returns whether its numbers were released
 */
export async function endOrder(tx: EntityManager, order: Order, at: Date, because: Ending): Promise<boolean> {
  const change = { event: `order.${because}`, closedAt: at, endedBecause: because } as const;
  if (order.connectsUntil === null) {
    await moveOrder(tx, order.id, { ...change, status: 'ended', dueAt: null }, at);
    await stripPhonesOfOrders(tx, [order.id]);
    return false;
  }
  const end = order.endAt(at, because);
  const { connectsUntil } = end;
  // An expired order always has its grace, even if the sweep is so late that it is already over.
  const hasGrace = because === 'expired' || connectsUntil > at;
  const next = hasGrace
    ? ({ status: 'closing', dueAt: connectsUntil } as const)
    : ({ status: 'ended', dueAt: null } as const);
  await moveOrder(tx, order.id, { ...change, ...next, connectsUntil }, at);
  await closeAssignments(tx, [order.id], end);
  if (!hasGrace) {
    await releaseNumbers(tx, [order.id], at);
    await stripPhonesOfOrders(tx, [order.id]);
  }
  return !hasGrace;
}

/**
 * Expires an order that nobody closed within its lifetime. It ends as of then, however late this runs, with the grace
 * of a completed order.
 */
export async function expire(tx: EntityManager, order: Order): Promise<void> {
  await endOrder(tx, order, order.dueAt!, 'expired');
}
