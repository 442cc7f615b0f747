import type { EntityManager } from 'typeorm';

import { JUMP } from '../../platform/restoration/jump-sequences.queries.js';
import { LONGEST_SPAN, type PoolSpan } from '../../virtual-numbers/restoration/withheld-numbers.queries.js';

/** Puts every participant of an order in doubt that is open or in its grace, and records it with the order. */
export async function doubtOpenOrders(tx: EntityManager, now: Date): Promise<void> {
  await tx.sql`
    INSERT INTO unconfirmed_participants (participant_id, order_id)
    SELECT participant.id, participant.order_id
    FROM orders JOIN participants AS participant ON participant.order_id = orders.id
    WHERE orders.status <> 'ended' AND participant.left_at IS NULL
    ON CONFLICT DO NOTHING`;
  await tx.sql`
    INSERT INTO order_events (order_id, kind, at)
    SELECT DISTINCT one.order_id, 'order.unconfirmed', ${now}::timestamptz FROM unconfirmed_participants AS one`;
}

/** Moves the end of the feed beyond every place that was given before the restore. */
export async function jumpFeed(tx: EntityManager): Promise<void> {
  await tx.sql`UPDATE order_event_feed AS feed SET last_position = feed.last_position + ${JUMP}::bigint`;
}

/** How long the open orders of each pool, with grace and quarantine, may last. */
export async function longestSpans(tx: EntityManager): Promise<PoolSpan[]> {
  return (await tx.query(
    `SELECT orders.pool_id AS "poolId", max(${LONGEST_SPAN('orders')})::integer AS seconds
     FROM orders WHERE orders.status <> 'ended' GROUP BY orders.pool_id`,
  )) as PoolSpan[];
}

/**
 * Takes participants of an order out of doubt.
 *
 * @param participantIds null = all
 * @returns how many, and who of the order is still in doubt
 */
export async function confirmParticipants(
  tx: EntityManager,
  orderId: string,
  participantIds: readonly string[] | null,
): Promise<{ readonly confirmed: number; readonly doubted: string[] }> {
  const [row] = await tx.sql<[{ confirmed: number; doubted: string[] }]>`
    WITH confirmed AS (
      DELETE FROM unconfirmed_participants AS one
      WHERE one.order_id = ${orderId}
        AND (${participantIds}::uuid[] IS NULL OR one.participant_id = ANY(${participantIds}::uuid[]))
      RETURNING one.participant_id
    )
    SELECT (SELECT count(*)::integer FROM confirmed) AS confirmed,
           ARRAY(SELECT one.participant_id FROM unconfirmed_participants AS one
                 WHERE one.order_id = ${orderId} AND one.participant_id NOT IN (SELECT confirmed.participant_id FROM confirmed)
                ) AS doubted`;
  return row;
}

/** The participants of an order who are in doubt. */
export async function doubtedParticipants(tx: EntityManager, orderId: string): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    SELECT one.participant_id AS id FROM unconfirmed_participants AS one WHERE one.order_id = ${orderId}`;
  return rows.map(({ id }) => id);
}

/**
 * Forgets participants who have left, and those of orders that have ended. Records it with an order of which nobody is
 * in doubt any more.
 */
export async function forgetWhoHasLeft(tx: EntityManager, now: Date): Promise<void> {
  await tx.sql`
    WITH gone AS (
      DELETE FROM unconfirmed_participants AS one
      USING orders
      WHERE orders.id = one.order_id
        AND (orders.status = 'ended'
             OR EXISTS (SELECT FROM participants AS participant
                        WHERE participant.id = one.participant_id AND participant.left_at IS NOT NULL))
      RETURNING one.participant_id, one.order_id, orders.status
    )
    INSERT INTO order_events (order_id, kind, at)
    SELECT DISTINCT gone.order_id, 'order.confirmed', ${now}::timestamptz
    FROM gone
    WHERE gone.status <> 'ended'
      AND NOT EXISTS (SELECT FROM unconfirmed_participants AS left_over
                      WHERE left_over.order_id = gone.order_id
                        AND left_over.participant_id NOT IN (SELECT gone.participant_id FROM gone))`;
  await tx.sql`
    DELETE FROM unconfirmed_participants AS one
    WHERE NOT EXISTS (SELECT FROM orders WHERE orders.id = one.order_id)`;
}

/** Takes everybody out of doubt, and records it with their orders. */
export async function trustOrders(tx: EntityManager, now: Date): Promise<void> {
  await tx.sql`
    WITH trusted AS (
      DELETE FROM unconfirmed_participants AS one RETURNING one.order_id
    )
    INSERT INTO order_events (order_id, kind, at)
    SELECT DISTINCT trusted.order_id, 'order.confirmed', ${now}::timestamptz
    FROM trusted JOIN orders ON orders.id = trusted.order_id
    WHERE orders.status <> 'ended'`;
}

export async function countUnconfirmed(manager: EntityManager): Promise<number> {
  const [{ orders }] = await manager.sql<[{ orders: number }]>`
    SELECT count(DISTINCT one.order_id)::integer AS orders
    FROM unconfirmed_participants AS one JOIN orders ON orders.id = one.order_id
    WHERE orders.status <> 'ended'`;
  return orders;
}

/** The references of unconfirmed orders, in their sequence, after one of them. */
export async function unconfirmedReferences(
  manager: EntityManager,
  limit: number,
  after: string | null,
): Promise<string[]> {
  const rows = await manager.sql<{ reference: string }[]>`
    SELECT orders.reference
    FROM (SELECT DISTINCT one.order_id FROM unconfirmed_participants AS one) AS unconfirmed
    JOIN orders ON orders.id = unconfirmed.order_id
    WHERE orders.status <> 'ended' AND (${after}::text IS NULL OR orders.reference > ${after}::text)
    ORDER BY orders.reference
    LIMIT ${limit}`;
  return rows.map(({ reference }) => reference);
}
