import type { EntityManager } from 'typeorm';

/** How long after its order was placed a pair of number and caller may still be on somebody's screen. */
export const LONGEST_SPAN = (policy: string) =>
  `${policy}.lifetime_seconds + GREATEST(${policy}.grace_seconds, ${policy}.cancel_grace_seconds) + ${policy}.quarantine_seconds`;

/** The longest span of a pool's open orders. */
export interface PoolSpan {
  readonly poolId: string;
  readonly seconds: number;
}

/**
 * Makes every number take no orders until each order that was placed in the gap is over, and its quarantine too: who may
 * dial the number since is not known. @returns the last of these instants; `detectedAt` without numbers
 */
export async function withholdNumbers(
  tx: EntityManager,
  detectedAt: Date,
  ofOrders: readonly PoolSpan[],
): Promise<Date> {
  const [{ last }] = (await tx.query(
    `WITH span AS (
       SELECT pool.id, GREATEST(${LONGEST_SPAN('pool')}, of_orders.seconds) AS seconds
       FROM pools AS pool
       LEFT JOIN unnest($2::uuid[], $3::integer[]) AS of_orders (pool_id, seconds) ON of_orders.pool_id = pool.id
     ), withheld AS (
       UPDATE virtual_numbers AS number
       SET withheld_until = GREATEST(number.withheld_until, $1::timestamptz + make_interval(secs => span.seconds))
       FROM span
       WHERE span.id = number.pool_id AND number.status <> 'retired'
       RETURNING number.withheld_until
     )
     SELECT max(withheld.withheld_until) AS last FROM withheld`,
    [detectedAt, ofOrders.map(({ poolId }) => poolId), ofOrders.map(({ seconds }) => seconds)],
  )) as [{ last: Date | null }];
  return last ?? detectedAt;
}

/** Lets numbers take orders again whose time is over; all numbers without an instant. */
export async function releaseWithheld(tx: EntityManager, now: Date | null): Promise<void> {
  await tx.sql`
    UPDATE virtual_numbers AS number SET withheld_until = NULL
    WHERE number.withheld_until IS NOT NULL
      AND (${now}::timestamptz IS NULL OR number.withheld_until <= ${now}::timestamptz)`;
}

export async function countWithheld(manager: EntityManager): Promise<number> {
  const [{ numbers }] = await manager.sql<[{ numbers: number }]>`
    SELECT count(*)::integer AS numbers FROM virtual_numbers AS number WHERE number.withheld_until IS NOT NULL`;
  return numbers;
}
