import type { DataSource } from 'typeorm';

/** Another process is at this pool's round. */
export class RoundInProgress extends Error {}

/**
 * Runs `round` as the only one of this pool, whatever the number of processes. The lock belongs to a connection of its
 * own, so a process that dies lets go of it at once, and one that is merely slow keeps it.
 *
 * @throws RoundInProgress without waiting, when there is one.
 */
export async function alone<T>(dataSource: DataSource, poolId: string, round: () => Promise<T>): Promise<T> {
  const connection = dataSource.createQueryRunner();
  try {
    const [{ mine }] = (await connection.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine', [
      `replenish ${poolId}`,
    ])) as [{ mine: boolean }];
    if (!mine) throw new RoundInProgress(`Pool ${poolId} is being replenished.`);
    try {
      return await round();
    } finally {
      await connection.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [`replenish ${poolId}`]);
    }
  } finally {
    await connection.release();
  }
}
