import type { DataSource, EntityManager } from 'typeorm';

/** A month in UTC, as its first instant. */
export type Month = Date;

/** Any constant: one process at a time creates or drops months. */
const MONTHS_LOCK = 7_263_142;

/** Meanwhile every statement that uses the table waits behind it. */
const LOCK_MS = 100;

/** The month that contains an instant. */
export function monthOf(instant: Date): Month {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth()));
}

export function monthsBefore(month: Month, count: number): Month {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() - count));
}

/**
 * Creates the partitions of tables for the months that contain these instants, unless they exist. Within a transaction,
 * it keeps others from creating and dropping months until the end.
 */
export async function makeMonths(
  manager: EntityManager,
  tables: readonly string[],
  instants: readonly Date[],
): Promise<void> {
  const months = [...new Set(instants.map((instant) => monthOf(instant).getTime()))].map((time) => new Date(time));
  const wanted = tables.flatMap((table) =>
    months.map((month) => ({ table, month, partition: partitionOf(table, month) })),
  );
  const missing = await manager.sql<{ partition: string }[]>`
    SELECT wanted.partition FROM unnest(${wanted.map(({ partition }) => partition)}::text[]) AS wanted (partition)
    WHERE to_regclass(wanted.partition) IS NULL`;
  for (const { table, month, partition } of wanted) {
    if (missing.some((one) => one.partition === partition)) await makeMonth(manager, table, month);
  }
}

/**
 * The partition is created beside the table and then attached, because `CREATE TABLE … PARTITION OF` would wait for all
 * statements that use the table, and block those that come after it.
 */
async function makeMonth(manager: EntityManager, table: string, month: Month): Promise<void> {
  await manager.transaction(async (tx) => {
    await tx.sql`SELECT pg_advisory_xact_lock(${MONTHS_LOCK}::bigint)`;
    const partition = partitionOf(table, month);
    // Not to_regclass, which may still answer from before the wait for the lock.
    const [{ exists }] = await tx.sql<[{ exists: boolean }]>`
      SELECT EXISTS (
        SELECT FROM pg_class WHERE relname = ${partition} AND relnamespace = to_regnamespace(current_schema())
      ) AS exists`;
    if (exists) return; // another process was faster
    await tx.query(`CREATE TABLE ${partition} (LIKE ${table} INCLUDING ALL)`);
    await tx.query(`
      ALTER TABLE ${table} ATTACH PARTITION ${partition}
      FOR VALUES FROM ('${month.toISOString()}') TO ('${monthsBefore(month, -1).toISOString()}')`);
  });
}

/**
 * Drops the partition of a month. Detaching it needs the table for an instant, which it does not wait for long; the rows
 * are dropped afterwards, when no statement can find them any more.
 *
 * @returns the partition
 * @throws an error with SQLSTATE 55P03 while another transaction uses the table; nothing is changed
 */
export async function dropMonth(dataSource: DataSource, table: string, month: Month): Promise<string> {
  const partition = partitionOf(table, month);
  await dataSource.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
    await tx.sql`SELECT pg_advisory_xact_lock(${MONTHS_LOCK}::bigint)`;
    const [{ isAttached }] = await tx.sql<[{ isAttached: boolean }]>`
      SELECT EXISTS (SELECT FROM pg_inherits AS link WHERE link.inhrelid = to_regclass(${partition})) AS "isAttached"`;
    if (isAttached) await tx.query(`ALTER TABLE ${table} DETACH PARTITION ${partition}`);
  });
  await dataSource.query(`DROP TABLE IF EXISTS ${partition}`);
  return partition;
}

/**
 * The months of tables that have a partition, by table, oldest first. Includes partitions that were detached and not
 * dropped, because the process ended in between.
 */
export async function monthsOf(manager: EntityManager, tables: readonly string[]): Promise<Map<string, Month[]>> {
  const partitions = await manager.sql<{ table: string; name: string }[]>`
    SELECT known.table, partition.relname AS name
    FROM unnest(${[...tables]}::text[]) AS known ("table")
    JOIN pg_class AS partition ON partition.relname ~ ('^' || known.table || '_\\d{4}_\\d{2}$')
    WHERE partition.relkind = 'r' AND pg_table_is_visible(partition.oid)
    ORDER BY partition.relname`;
  const months = new Map<string, Month[]>(tables.map((table) => [table, []]));
  for (const { table, name } of partitions) months.get(table)!.push(new Date(`${name.slice(-7).replace('_', '-')}-01`));
  return months;
}

function partitionOf(table: string, month: Month): string {
  return `${table}_${month.toISOString().slice(0, 7).replace('-', '_')}`;
}
