import type { DataSource } from 'typeorm';

/** Another process is running this task. */
export class TaskInProgress extends Error {}

/** The transaction is idle while the work is done, for longer than others may be. */
const MAY_BE_IDLE = `SELECT set_config(setting.name, '0', true) FROM pg_settings AS setting
  WHERE setting.name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')`;

/**
 * Runs `work` in only one process at a time. The lock belongs to a transaction of its own, so that it also works behind
 * a pooler: a process that dies releases it at once, and a slow process keeps it. If the connection is lost meanwhile,
 * the work goes on without the lock, so it must be safe to run twice at once.
 *
 * @param task a name that all processes share, for example `replenish <pool id>`
 * @throws TaskInProgress at once, if another process is running the task
 */
export async function withAdvisoryLock<T>(dataSource: DataSource, task: string, work: () => Promise<T>): Promise<T> {
  const connection = dataSource.createQueryRunner();
  try {
    await connection.startTransaction();
    await connection.query(MAY_BE_IDLE);
    const [{ mine }] = (await connection.query('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine', [
      task,
    ])) as [{ mine: boolean }];
    if (!mine) throw new TaskInProgress(`"${task}" is in progress in another process.`);
    return await work();
  } finally {
    await connection.commitTransaction().catch(() => undefined); // the lock has ended with its connection
    await connection.release();
  }
}
