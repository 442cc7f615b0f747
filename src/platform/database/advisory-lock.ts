import type { DataSource } from 'typeorm';

/** Another process is at this task. */
export class TaskInProgress extends Error {}

/**
 * Runs `work` as the only one at a task, whatever the number of processes. The lock belongs to a connection of its own,
 * so a process that dies lets go of it at once, and one that is merely slow keeps it.
 *
 * @param task a name that all processes share, as in `replenish <pool's id>`
 * @throws TaskInProgress without waiting, when another is at it.
 */
export async function withAdvisoryLock<T>(dataSource: DataSource, task: string, work: () => Promise<T>): Promise<T> {
  const connection = dataSource.createQueryRunner();
  try {
    const [{ mine }] = (await connection.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine', [
      task,
    ])) as [{ mine: boolean }];
    if (!mine) throw new TaskInProgress(`"${task}" is in progress in another process.`);
    try {
      return await work();
    } finally {
      await connection.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [task]);
    }
  } finally {
    await connection.release();
  }
}
