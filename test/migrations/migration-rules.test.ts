import { readdir, readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';

import type { DataSource, QueryRunner } from 'typeorm';

import type { E164 } from '../../src/phone-number/e164.js';
import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { numbers } from '../support/app.js';
import { emptyDatabase, type FreshDatabase } from '../support/database.js';
import { migrateUpTo } from './migrate-up-to.js';
import { PreviousVersion, seedOrders } from './previous-version.js';

/** The last migration that no rule applied to when it was written. The later ones of that time keep most of them. */
const BEFORE_THE_RULES = 1795305600082;
/** From the one behind it on, a migration says which kind it is. */
const BEFORE_THE_KINDS = 1795305600086;

const LARGEST_BATCH = 5_000;
const ORDERS = LARGEST_BATCH + 1_000;
/** Tables that grow with orders and calls have more rows than this, those of pools and settings fewer. */
const FEW_ROWS = 100;

const AT = new Date('2026-11-22T06:00:00.000Z');

let installation: FreshDatabase;
beforeAll(async () => {
  installation = await emptyDatabase();
  await migrateUpTo(installation.url, BEFORE_THE_RULES);
  const old = await PreviousVersion.connect(installation.url);
  await seedOrders(old, { poolId: randomUUID(), orders: ORDERS, numbers: numbers(200) as E164[], now: AT });
  for (const rows of MORE_ROWS) await old.client.query(rows);
  await old.end();
});
afterAll(async () => {
  await installation?.drop();
});

it('keeps a table from nobody while it reads or writes its rows, and writes them in batches', async () => {
  const dataSource = await createDataSource(installation.url).initialize();
  const waiting = await createDataSource(installation.url).initialize();
  const broken: string[] = [];
  const { begun } = await watchLocks(dataSource, (rule, statement) => broken.push(`${rule}: ${oneLine(statement)}`));
  const migrating = migrate(dataSource);
  await begun;
  try {
    await Promise.all([migrating, migrate(waiting)]);
  } finally {
    await Promise.all([dataSource.destroy(), waiting.destroy()]);
  }
  expect(broken).toEqual([]);
});

it('says of every migration which kind it is', async () => {
  const folder = new URL('../../migrations/', import.meta.url);
  const later = (await readdir(folder)).filter((file) => Number(file.split('-')[0]) > BEFORE_THE_KINDS);
  const sources = await Promise.all(later.map(async (file) => readFile(new URL(file, folder), 'utf8')));
  const silent = later.filter(
    (_, at) => !/\/\*\*\s+(\* )?(Expand|Backfill|Contract)[.:](?:(?!\*\/)[^])*\*\/\nexport class/.test(sources[at]!),
  );
  expect(silent).toEqual([]);
});

/** Rows in the tables that grow and that `seedOrders` leaves empty. */
const MORE_ROWS = [
  `INSERT INTO interactions (provider, provider_call_id, at, virtual_number, order_id)
   SELECT 'exotel', id::text, placed_at, (SELECT min(number) FROM virtual_numbers), id FROM orders`,
  `INSERT INTO order_events (order_id, kind, at) SELECT id, 'order.placed', placed_at FROM orders`,
];

const BLOCKING = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];

interface SoFar {
  readonly read: number;
  readonly written: number;
  readonly kept: string | null;
  readonly patience: string;
}

/** How many rows the transaction read and wrote of the tables that were there before, and which of those it keeps. */
const SO_FAR = `
  SELECT sum(used.seq_tup_read + COALESCE(used.idx_tup_fetch, 0))::integer AS read,
         sum(used.n_tup_ins + used.n_tup_upd + used.n_tup_del)::integer AS written,
         (SELECT string_agg(DISTINCT held.relation::regclass::text, ', ')
          FROM pg_locks AS held
          WHERE held.pid = pg_backend_pid() AND held.granted AND held.mode = ANY($2) AND held.relation = ANY($1)) AS kept,
         current_setting('lock_timeout') AS patience
  FROM pg_stat_xact_user_tables AS used
  WHERE used.relid = ANY($1)`;

/**
 * Looks at the transaction of a migration after each statement. A statement of no transaction gets one of its own, unless
 * it cannot have one.
 *
 * @returns a promise that resolves when the first statement has run
 */
async function watchLocks(
  dataSource: DataSource,
  broken: (rule: string, statement: string) => void,
): Promise<{ begun: Promise<void> }> {
  const tables = (
    (await dataSource.query(
      `SELECT oid::integer FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
       AND relname <> 'migrations'`,
    )) as { oid: number }[]
  ).map(({ oid }) => oid);
  let begin: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner);
    const look = async () => ((await query(SO_FAR, [tables, BLOCKING])) as [SoFar])[0];
    /** PostgreSQL also counts what earlier transactions did, for some time. */
    let before = { read: 0, written: 0 };
    runner.query = async (...statement: Parameters<QueryRunner['query']>) => {
      const [text] = statement;
      if (/^(COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/.test(text) || /CONCURRENTLY|advisory/.test(text)) {
        return query(...statement).finally(begin);
      }
      const isAlone = !runner.isTransactionActive;
      if (isAlone) await query('BEGIN');
      if (isAlone) before = await look();
      const result: unknown = await query(...statement);
      const now = await look();
      if (isAlone) await query('COMMIT');
      if (text.startsWith('START')) before = now;
      const [read, written] = [now.read - before.read, now.written - before.written];
      if (now.kept !== null && read + written > FEW_ROWS) broken(`keeps ${now.kept} and uses rows`, text);
      if (now.kept !== null && now.patience !== '100ms') broken(`waits for ${now.kept} for more than 0.1 s`, text);
      if (written > LARGEST_BATCH) broken(`writes ${written} rows at once`, text);
      return result;
    };
    return runner;
  };
  return { begun };
}

function oneLine(statement: string): string {
  return statement.replace(/\s+/g, ' ').trim().slice(0, 200);
}
