import type { EntityManager } from 'typeorm';

/**
 * Orders of one quarter hour, by its start. Quarter hours without orders are included. An order of several links counts
 * as one for each, because each needs two numbers.
 */
export interface QuarterOrders {
  readonly quarter: Date;
  readonly orders: number;
}

/**
 * How many of the pool's orders got their numbers in each quarter hour from `from` (inclusive) to `until` (exclusive).
 */
export async function ordersByQuarter(
  tx: EntityManager,
  poolId: string,
  from: Date,
  until: Date,
): Promise<QuarterOrders[]> {
  return tx.sql<QuarterOrders[]>`
    SELECT quarter.quarter, COALESCE(counted.orders, 0)::integer AS orders
    FROM generate_series(${from}::timestamptz, ${until}::timestamptz - interval '15 minutes', interval '15 minutes')
         AS quarter (quarter)
    LEFT JOIN (
      SELECT date_bin('15 minutes', orders.active_at, ${from}::timestamptz) AS quarter, sum(orders.link_count) AS orders
      FROM all_orders AS orders
      WHERE orders.pool_id = ${poolId} AND orders.over_at >= ${from} AND orders.active_at >= ${from} AND orders.active_at < ${until}
      GROUP BY 1
    ) AS counted ON counted.quarter = quarter.quarter
    ORDER BY quarter.quarter`;
}

/** Orders that held their numbers for the same time, each link of theirs as one. */
export interface Holding {
  /** The UTC day on which they got them, as 2026-11-22. */
  readonly day: string;
  /**
   * Whole quarter hours from getting the numbers to the end of grace. For an open order, to its end if nobody closes
   * it.
   */
  readonly quarters: number;
  readonly orders: number;
}

/**
 * How long the pool's orders that got their numbers from `from` (inclusive) to `until` (exclusive) hold them, in
 * quarter hours up to `longest`.
 */
export async function holdingTimes(
  tx: EntityManager,
  poolId: string,
  from: Date,
  until: Date,
  longest: number,
): Promise<Holding[]> {
  return tx.sql<Holding[]>`
    SELECT to_char(orders.active_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
           LEAST(GREATEST(floor(extract(epoch FROM orders.connects_until - orders.active_at) / 900), 0),
                 ${longest}::integer)::integer AS quarters,
           sum(orders.link_count)::integer AS orders
    FROM all_orders AS orders
    WHERE orders.pool_id = ${poolId} AND orders.over_at >= ${from} AND orders.active_at >= ${from} AND orders.active_at < ${until}
      AND orders.connects_until IS NOT NULL
    GROUP BY 1, 2
    ORDER BY 1, 2`;
}

/** When the first of the pool's orders since `since` got its numbers; null = none did. */
export async function firstOrderSince(tx: EntityManager, poolId: string, since: Date): Promise<Date | null> {
  const [row] = await tx.sql<[{ at: Date | null }]>`
    SELECT min(orders.active_at) AS at FROM all_orders AS orders
    WHERE orders.pool_id = ${poolId} AND orders.active_at >= ${since} AND orders.over_at >= ${since}`;
  return row.at;
}
