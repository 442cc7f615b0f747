import type { EntityManager } from 'typeorm';

import { confirmAssignments } from '../../virtual-numbers/restoration/doubted-assignments.queries.js';
import { recordEvent } from '../order/orders.queries.js';
import { confirmParticipants } from './unconfirmed-orders.queries.js';

/**
 * Takes participants of a locked order out of doubt, who are as the order system has just said. Calls connect again on
 * each link of which neither participant is in doubt, from the registered phones.
 */
export async function confirmSome(
  tx: EntityManager,
  orderId: string,
  participantIds: readonly string[],
  now: Date,
): Promise<void> {
  const { confirmed, doubted } = await confirmParticipants(tx, orderId, participantIds);
  if (confirmed === 0) return;
  await confirmAssignments(tx, orderId, doubted, false);
  if (doubted.length === 0) await recordEvent(tx, orderId, 'order.confirmed', now);
}

/** Takes a locked order as it is out of doubt: with all participants, from all their phones. */
export async function confirmWhole(tx: EntityManager, orderId: string, now: Date): Promise<void> {
  const { confirmed } = await confirmParticipants(tx, orderId, null);
  await confirmAssignments(tx, orderId, [], true);
  if (confirmed > 0) await recordEvent(tx, orderId, 'order.confirmed', now);
}
