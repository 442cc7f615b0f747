import { setTimeout as sleep } from 'node:timers/promises';

import type { QueryRunner } from 'typeorm';

/**
 * How long a change waits for its tables together. Meanwhile every statement that uses one of them waits behind it.
 * Shorter than PostgreSQL's `deadlock_timeout`, so that a change never makes a statement of a running application fail.
 */
const LOCK_MS = 100;
/** Pause in which the statements that waited can finish. */
const PAUSE_MS = 500;
/** A dump or another long transaction may keep a table for as long as this. */
const PATIENCE_MS = 10 * 60_000;

const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';

/**
 * Changes the schema of tables in a transaction, while other processes use them. If a long transaction keeps a table, it
 * tries repeatedly and waits only briefly each time: the application goes on meanwhile. Within a transaction it uses a
 * savepoint.
 *
 * @param change statements that read no rows, because nobody can use the tables meanwhile
 * @throws Error with the transaction that kept a table, after trying for `patienceMs`
 */
export async function changeTables(
  runner: QueryRunner,
  tables: readonly string[],
  change: () => Promise<void>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    await runner.startTransaction();
    try {
      await runner.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      await lockTogether(runner, tables);
      await change();
      return await runner.commitTransaction();
    } catch (failure) {
      await runner.rollbackTransaction().catch(() => undefined); // the first failure tells the reason
      if (!isLate(failure)) throw failure;
      if (performance.now() > giveUpAt) {
        const message = `The tables ${tables.join(', ')} cannot be changed: ${await whoKeeps(runner, tables)}`;
        throw new Error(message, { cause: failure });
      }
    }
    await sleep(PAUSE_MS);
  }
}

/** `lock_timeout` limits the wait for each table; those that are locked already would be kept for the sum of the waits. */
async function lockTogether(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  const [{ usual }] = (await runner.query(`SELECT current_setting('statement_timeout') AS usual`)) as [
    { usual: string },
  ];
  await runner.query(`SET LOCAL statement_timeout = ${LOCK_MS}`);
  await runner.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  await runner.query(`SET LOCAL statement_timeout = '${usual}'`);
}

function isLate(failure: unknown): boolean {
  const { driverError, query = '' } = failure as { driverError?: { code?: string }; query?: string };
  return (
    driverError?.code === LOCK_NOT_AVAILABLE || (driverError?.code === QUERY_CANCELED && query.startsWith('LOCK TABLE'))
  );
}

/**
 * Creates an index while other processes read and write its table. Not in a transaction, so the migration has
 * `transaction = false`. Safe to run again: it replaces what an interrupted run has left.
 *
 * @param definition what follows the name, as in `ON interactions (virtual_number, at)`
 */
export async function createIndex(runner: QueryRunner, name: string, definition: string): Promise<void> {
  const [index] = (await runner.query(
    'SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass($1)',
    [name],
  )) as { isValid: boolean }[];
  if (index?.isValid) return;
  if (index) await runner.query(`DROP INDEX CONCURRENTLY ${name}`);
  await runner.query(`CREATE INDEX CONCURRENTLY ${name} ${definition}`);
}

/** The oldest transaction that uses one of the tables, for the operator. */
async function whoKeeps(runner: QueryRunner, tables: readonly string[]): Promise<string> {
  const [oldest] = (await runner.query(
    `SELECT activity.pid, activity.application_name AS name, activity.xact_start AS since
     FROM pg_locks AS lock JOIN pg_stat_activity AS activity ON activity.pid = lock.pid
     WHERE lock.relation = ANY($1::regclass[]) AND lock.granted AND lock.pid <> pg_backend_pid()
     ORDER BY activity.xact_start LIMIT 1`,
    [tables],
  )) as { pid: number; name: string; since: Date }[];
  if (!oldest) return 'other transactions keep using them. Start again at a quieter time.';
  const { pid, name, since } = oldest;
  return (
    `a transaction of ${name || 'an unnamed application'} (process ${pid} of PostgreSQL, since ${since.toISOString()}) ` +
    'uses them. Let it finish or end it, and start again.'
  );
}
