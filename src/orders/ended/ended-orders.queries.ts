import type { EntityManager } from 'typeorm';

import { TABLES_OF_ORDERS } from './tables-of-orders.js';

/** An order that is over, and the end of its grace, which decides its month. */
export interface EndedOrder {
  readonly id: string;
  readonly overAt: Date;
}

/** The same words as in the index `orders_to_move`. */
const TO_MOVE_AT = `COALESCE(orders.moves_at AT TIME ZONE 'UTC',
                             GREATEST(orders.closed_at, orders.connects_until) AT TIME ZONE 'UTC'
                             + make_interval(secs => orders.quarantine_seconds))`;

/**
 * Locks up to `limit` orders whose quarantine was over before an instant, longest over first. Skips orders that another
 * transaction has locked.
 */
export async function lockOrdersToMove(tx: EntityManager, before: Date, limit: number): Promise<EndedOrder[]> {
  return tx.query<EndedOrder[]>(
    `SELECT orders.id, GREATEST(orders.closed_at, orders.connects_until) AS "overAt"
     FROM orders
     WHERE orders.status = 'ended' AND ${TO_MOVE_AT} <= $1::timestamptz AT TIME ZONE 'UTC'
     ORDER BY ${TO_MOVE_AT} LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [before, limit],
  );
}

/** For how long the order that waits longest could have been moved, in seconds; 0 = none waits. */
export async function longestWait(tx: EntityManager, now: Date): Promise<number> {
  const [row] = await tx.query<[{ seconds: number }]>(
    `SELECT COALESCE(extract(epoch FROM $1::timestamptz AT TIME ZONE 'UTC' -
       (SELECT ${TO_MOVE_AT} FROM orders
        WHERE orders.status = 'ended' AND ${TO_MOVE_AT} <= $1::timestamptz AT TIME ZONE 'UTC'
        ORDER BY ${TO_MOVE_AT} LIMIT 1)), 0)::float8 AS seconds`,
    [now],
  );
  return row.seconds;
}

/** Which of these orders have something that is still to be done, or still needed. */
export async function pendingOf(tx: EntityManager, orderIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }[]>(PENDING, [orderIds]);
  return new Set(rows.map(({ id }) => id));
}

const PENDING = TABLES_OF_ORDERS.flatMap(({ table, pending }) =>
  pending === undefined
    ? []
    : `SELECT row.order_id AS id FROM ${table} AS row WHERE row.order_id = ANY($1::uuid[]) AND (${pending})`,
).join(' UNION ALL ');

/** Leaves orders where they are until an instant. */
export async function leaveUntil(tx: EntityManager, orderIds: readonly string[], until: Date): Promise<void> {
  await tx.sql`UPDATE orders SET moves_at = ${until} WHERE orders.id = ANY(${orderIds}::uuid[])`;
}

/** Moves orders with everything that belongs to them. Their months must exist. */
export async function moveOrders(tx: EntityManager, orders: readonly EndedOrder[]): Promise<void> {
  const values = [orders.map(({ id }) => id), orders.map(({ overAt }) => overAt)];
  for (const { table, goes, overAt } of TABLES_OF_ORDERS) {
    if (goes === 'deleted')
      await tx.query(`DELETE FROM ${table} AS row WHERE row.order_id = ANY($1::uuid[])`, [values[0]]);
    if (goes === 'moved') await tx.query(moveRows(table, 'order_id', overAt), values);
  }
  await tx.query(moveRows('orders', 'id'), values);
}

/** The columns of both tables are the same, in the same sequence, after `over_at`. */
const moveRows = (table: string, orderId: string, overAt = 'ended.over_at') => `
  WITH moved AS (
    DELETE FROM ${table} AS row WHERE row.${orderId} = ANY($1::uuid[]) RETURNING row.*
  )
  INSERT INTO ended_${table}
  SELECT ${overAt}, moved.*
  FROM moved JOIN unnest($1::uuid[], $2::timestamptz[]) AS ended (id, over_at) ON ended.id = moved.${orderId}`;
