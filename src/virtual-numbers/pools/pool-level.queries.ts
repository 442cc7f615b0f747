import type { EntityManager } from 'typeorm';

import type { NumberStatus } from '../number-status.js';

/** A pool's numbers, and how many of them can be assigned. */
export interface PoolLevel {
  readonly poolId: string;
  /** Numbers that can take one more order. */
  readonly assignable: number;
  readonly numbers: Record<NumberStatus, number>;
  readonly ordersHeld: number;
}

export async function poolLevels(tx: EntityManager, poolIds: readonly string[]): Promise<Map<string, PoolLevel>> {
  const rows = await tx.sql<
    { pool_id: string; status: NumberStatus; numbers: number; assignable: number; orders_held: number }[]
  >`
    SELECT number.pool_id, number.status,
           count(*)::integer AS numbers,
           count(*) FILTER (WHERE number.assignable AND number.withheld_until IS NULL)::integer AS assignable,
           sum(number.orders_held)::integer AS orders_held
    FROM virtual_numbers AS number
    WHERE number.pool_id = ANY(${poolIds}::uuid[])
    GROUP BY number.pool_id, number.status`;
  return new Map(
    poolIds.map((poolId) => {
      const own = rows.filter((row) => row.pool_id === poolId);
      const sum = (field: 'assignable' | 'orders_held') => own.reduce((total, row) => total + row[field], 0);
      const count = (status: NumberStatus) => own.find((row) => row.status === status)?.numbers ?? 0;
      const level: PoolLevel = {
        poolId,
        assignable: sum('assignable'),
        ordersHeld: sum('orders_held'),
        numbers: {
          provisioning: count('provisioning'),
          available: count('available'),
          draining: count('draining'),
          retired: count('retired'),
          resting: count('resting'),
          suspended: count('suspended'),
        },
      };
      return [poolId, level];
    }),
  );
}

/** How many of a pool's numbers could take one more order if each might serve as many at once. */
export async function assignableWith(tx: EntityManager, poolId: string, capacity: number): Promise<number> {
  const [row] = await tx.sql<[{ assignable: number }]>`
    SELECT count(*)::integer AS assignable FROM virtual_numbers AS number
    WHERE number.pool_id = ${poolId} AND number.status = 'available' AND number.withheld_until IS NULL
      AND number.orders_held < ${capacity}::integer`;
  return row.assignable;
}

/**
 * Sets the capacity of every number of a pool to that of its policy, or to the orders it serves if those are more.
 * Locks the pool's row, to read the last committed policy. Locks only numbers that differ, in the same order as
 * `releaseNumbers`, so that the two cannot deadlock.
 *
 * @returns how many numbers differed
 */
export async function correctCapacities(tx: EntityManager, poolId: string): Promise<number> {
  const [, corrected] = await tx.sql<[unknown, number]>`
    WITH policy AS MATERIALIZED (
      SELECT pool.id, pool.capacity FROM pools AS pool WHERE pool.id = ${poolId} FOR SHARE
    ), locked AS MATERIALIZED (
      SELECT number.number
      FROM virtual_numbers AS number JOIN policy ON policy.id = number.pool_id
      WHERE number.capacity <> GREATEST(policy.capacity, number.orders_held)
      ORDER BY number.number
      FOR NO KEY UPDATE OF number
    )
    UPDATE virtual_numbers AS number
    SET capacity = GREATEST(policy.capacity, number.orders_held)
    FROM locked, policy
    WHERE number.number = locked.number`;
  return corrected;
}
