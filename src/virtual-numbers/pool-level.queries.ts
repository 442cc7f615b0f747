import type { EntityManager } from 'typeorm';

import type { NumberStatus } from './virtual-number.entity.js';

/** How many numbers a pool has, and how many of them can be assigned. */
export interface PoolLevel {
  readonly poolId: string;
  /** Numbers that can take an order more. */
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
           count(*) FILTER (WHERE number.assignable)::integer AS assignable,
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

/**
 * Gives every number of a pool a new capacity, and none less than it holds now. They are locked in the order in which
 * those are that go back to the pool, so that the two never wait for each other in a circle.
 */
export async function setCapacity(tx: EntityManager, poolId: string, capacity: number): Promise<void> {
  await tx.sql`
    WITH locked AS MATERIALIZED (
      SELECT number.number FROM virtual_numbers AS number
      WHERE number.pool_id = ${poolId}
      ORDER BY number.number
      FOR NO KEY UPDATE OF number
    )
    UPDATE virtual_numbers AS number
    SET capacity = GREATEST(${capacity}::integer, number.orders_held)
    FROM locked
    WHERE number.number = locked.number AND number.capacity <> GREATEST(${capacity}::integer, number.orders_held)`;
}
