import type { DataSource } from 'typeorm';

/** Another process is running this task. */
export class TaskInProgress extends Error {}

/**
 * Runs `work` in only one process at a time. The lock belongs to its own connection: a process that dies releases it at
 * once, and a slow process keeps it.
 *
 * @param task a name that all processes share, for example `replenish <pool id>`
 * @throws TaskInProgress at once, if another process is running the task
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
