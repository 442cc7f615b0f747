import type { EntityManager } from 'typeorm';

/** Orders of a pool in one state. */
export interface LiveOrders {
  readonly poolId: string;
  readonly status: 'placed' | 'awaiting-numbers' | 'active' | 'closing';
  readonly orders: number;
}

/** How many orders each pool has that are not over, by status. */
export async function liveOrders(tx: EntityManager): Promise<LiveOrders[]> {
  return tx.sql<LiveOrders[]>`
    SELECT orders.pool_id AS "poolId", orders.status, count(*)::integer AS orders
    FROM orders
    WHERE orders.status IN ('placed', 'awaiting-numbers', 'active', 'closing')
    GROUP BY orders.pool_id, orders.status`;
}
