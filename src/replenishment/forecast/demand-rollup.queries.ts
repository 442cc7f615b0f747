import type { EntityManager } from 'typeorm';

import type { Holding, QuarterOrders } from '../../orders/views/order-statistics.queries.js';
import type { QuarterCalls } from '../../telephony/interactions/call-seconds.queries.js';

/** The instants up to which a pool's orders and holding times are counted. Each order is counted once in each. */
export interface Rollup {
  readonly ordersUntil: Date;
  readonly holdingUntil: Date;
}

/** The instant up to which the pool's quarter hours are counted; null = none is counted. Every round reads this. */
export async function countedUntil(tx: EntityManager, poolId: string): Promise<Date | null> {
  const [rollup] = await tx.sql<{ until: Date }[]>`
    SELECT rollup.orders_until AS until FROM pool_rollups AS rollup WHERE rollup.pool_id = ${poolId}`;
  return rollup?.until ?? null;
}

/** Locks the pool's rollup until the transaction ends; null = the pool has no rollup yet. */
export async function lockRollup(tx: EntityManager, poolId: string): Promise<Rollup | null> {
  const [rollup] = await tx.sql<Rollup[]>`
    SELECT rollup.orders_until AS "ordersUntil", rollup.holding_until AS "holdingUntil"
    FROM pool_rollups AS rollup
    WHERE rollup.pool_id = ${poolId}
    FOR UPDATE`;
  return rollup ?? null;
}

/** Starts a pool's rollup at the quarter hour of its first order. */
export async function beginRollup(tx: EntityManager, poolId: string, from: Date): Promise<void> {
  await tx.sql`
    INSERT INTO pool_rollups (pool_id, orders_until, holding_until) VALUES (${poolId}, ${from}, ${from})`;
}

export async function advanceRollup(tx: EntityManager, poolId: string, to: Rollup): Promise<void> {
  await tx.sql`
    UPDATE pool_rollups AS rollup
    SET orders_until = ${to.ordersUntil}, holding_until = ${to.holdingUntil}
    WHERE rollup.pool_id = ${poolId}`;
}

/** Stores the number of orders of each completed quarter hour. */
export async function countQuarters(tx: EntityManager, poolId: string, rows: readonly QuarterOrders[]): Promise<void> {
  await tx.sql`
    INSERT INTO pool_quarters (pool_id, quarter, orders)
    SELECT ${poolId}::uuid, counted.quarter, counted.orders
    FROM unnest(${rows.map(({ quarter }) => quarter)}::timestamptz[], ${rows.map(({ orders }) => orders)}::integer[])
         AS counted (quarter, orders)`;
}

/** Stores the number of pairs of the pool's busiest diallers with the newest quarter hour. */
export async function recordMostAssignments(
  tx: EntityManager,
  poolId: string,
  quarter: Date,
  pairs: number,
): Promise<void> {
  await tx.sql`
    UPDATE pool_quarters AS counted SET dialler_pairs = ${pairs}
    WHERE counted.pool_id = ${poolId} AND counted.quarter = ${quarter}`;
}

/** Stores the talk time of the calls that began in each quarter hour from `from` (inclusive) to `until` (exclusive). */
export async function noteCalls(
  tx: EntityManager,
  poolId: string,
  from: Date,
  until: Date,
  calls: readonly QuarterCalls[],
): Promise<void> {
  await tx.sql`
    UPDATE pool_quarters AS counted
    SET call_seconds = COALESCE((SELECT call.seconds
                                 FROM unnest(${calls.map(({ quarter }) => quarter)}::timestamptz[],
                                             ${calls.map(({ seconds }) => seconds)}::integer[]) AS call (quarter, seconds)
                                 WHERE call.quarter = counted.quarter), 0)
    WHERE counted.pool_id = ${poolId} AND counted.quarter >= ${from} AND counted.quarter < ${until}`;
}

/** Adds holding times to the counts of the same day and length. */
export async function addHoldings(tx: EntityManager, poolId: string, rows: readonly Holding[]): Promise<void> {
  await tx.sql`
    INSERT INTO pool_holdings AS known (pool_id, day, quarters, orders)
    SELECT ${poolId}::uuid, held.day, held.quarters, held.orders
    FROM unnest(${rows.map(({ day }) => day)}::date[], ${rows.map(({ quarters }) => quarters)}::integer[],
                ${rows.map(({ orders }) => orders)}::integer[]) AS held (day, quarters, orders)
    ON CONFLICT (pool_id, day, quarters) DO UPDATE SET orders = known.orders + EXCLUDED.orders`;
}

/** Deletes counts that are too old for any forecast. */
export async function forgetDemand(tx: EntityManager, poolId: string, quarters: Date, holdings: Date): Promise<void> {
  await tx.sql`
    DELETE FROM pool_quarters AS counted WHERE counted.pool_id = ${poolId} AND counted.quarter < ${quarters}`;
  await tx.sql`
    DELETE FROM pool_holdings AS held
    WHERE held.pool_id = ${poolId} AND held.day < (${holdings}::timestamptz AT TIME ZONE 'UTC')::date`;
}

export interface Counted {
  readonly quarter: Date;
  readonly orders: number;
  readonly callSeconds: number | null;
}

/** The pool's counted quarter hours before `until`, oldest first. */
export async function countedQuarters(tx: EntityManager, poolId: string, until: Date): Promise<Counted[]> {
  return tx.sql<Counted[]>`
    SELECT counted.quarter, counted.orders, counted.call_seconds AS "callSeconds"
    FROM pool_quarters AS counted
    WHERE counted.pool_id = ${poolId} AND counted.quarter < ${until}
    ORDER BY counted.quarter`;
}

/** The largest number of pairs of the pool's busiest diallers at the end of any quarter hour since `since`. */
export async function mostAssignments(tx: EntityManager, poolId: string, since: Date): Promise<number> {
  const [row] = await tx.sql<[{ pairs: number | null }]>`
    SELECT max(counted.dialler_pairs) AS pairs FROM pool_quarters AS counted
    WHERE counted.pool_id = ${poolId} AND counted.quarter >= ${since}`;
  return row.pairs ?? 0;
}

/** A histogram of holding times since `since`: index = quarter hours held, value = number of orders. */
export async function holdingsSince(tx: EntityManager, poolId: string, since: Date): Promise<number[]> {
  const rows = await tx.sql<{ quarters: number; orders: number }[]>`
    SELECT held.quarters, sum(held.orders)::integer AS orders
    FROM pool_holdings AS held
    WHERE held.pool_id = ${poolId} AND held.day >= (${since}::timestamptz AT TIME ZONE 'UTC')::date
    GROUP BY held.quarters
    ORDER BY held.quarters`;
  const histogram = Array<number>((rows.at(-1)?.quarters ?? -1) + 1).fill(0);
  for (const { quarters, orders } of rows) histogram[quarters] = orders;
  return histogram;
}
