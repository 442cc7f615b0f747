import type { EntityManager } from 'typeorm';

/**
 * How many pairs with the pool's numbers (open, in grace or at rest) the 99.9th percentile of its diallers has: none of
 * those numbers can be lent to that dialler now. It reads every pair of the pool.
 */
export async function pairsOfBusyDialler(tx: EntityManager, poolId: string): Promise<number> {
  const [row] = await tx.sql<[{ pairs: number | null }]>`
    SELECT percentile_disc(0.999) WITHIN GROUP (ORDER BY dialler.pairs)::integer AS pairs
    FROM (SELECT count(*) AS pairs
          FROM virtual_numbers AS number
          JOIN assignments AS assignment ON assignment.virtual_number = number.number
          WHERE number.pool_id = ${poolId} AND number.status <> 'retired'
          GROUP BY assignment.dialler_key) AS dialler`;
  return row.pairs ?? 0;
}
