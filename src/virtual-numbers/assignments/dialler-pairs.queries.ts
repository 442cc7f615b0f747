import type { EntityManager } from 'typeorm';

/**
 * The number of assignments (open, in grace or in quarantine) of the pool's dialler at the 99.9th percentile. None of
 * their numbers can be assigned to that dialler now. Reads every assignment of the pool.
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
