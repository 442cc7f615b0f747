import { Client } from 'pg';
import type { DataSource } from 'typeorm';

import { createDataSource } from '../../../src/platform/database/data-source.js';
import { changeTables, createIndex } from '../../../src/platform/database/table-changes.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';

let database: FreshDatabase;
let dataSource: DataSource;
let dump: Client;
beforeAll(async () => {
  database = await freshDatabase({ lockTimeoutMs: 0 });
  dataSource = await createDataSource(database.url).initialize();
  dump = new Client({ connectionString: database.url, application_name: 'pg_dump' });
  await dump.connect();
  await dump.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await dump.query('SELECT FROM orders LIMIT 1');
});
afterAll(async () => {
  await dump?.end();
  await dataSource?.destroy();
  await database?.drop();
});

const addColumn = async (patienceMs?: number) => {
  const runner = dataSource.createQueryRunner();
  const change = async () => void (await runner.query('ALTER TABLE orders ADD COLUMN colour text'));
  await changeTables(runner, ['pools', 'orders'], change, patienceMs).finally(() => runner.release());
};

it('a change of a table that a dump keeps gives up after its patience, and names the dump', async () => {
  await expect(addColumn(0)).rejects.toThrow(/^The tables pools, orders cannot be changed: a transaction of pg_dump /);
});

it('statements that use the table are answered while a change waits for the dump, which it then does', async () => {
  const changed = addColumn();
  let longestMs = 0;
  for (let one = 0; one < 20; one += 1) {
    const begun = performance.now();
    await dataSource.query('SELECT FROM orders LIMIT 1');
    longestMs = Math.max(longestMs, performance.now() - begun);
    if (one === 10) await dump.query('COMMIT');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await changed;
  expect(longestMs).toBeLessThan(1_000);
  expect(await dataSource.query('SELECT colour FROM orders')).toEqual([]);
});

it('an index that an interrupted migration left unfinished is created anew, and a finished one stays', async () => {
  const runner = dataSource.createQueryRunner();
  const create = async () => createIndex(runner, 'pools_by_country', 'ON pools (country, name)');
  const identity = async (): Promise<unknown> =>
    runner.query(`SELECT indexrelid, indisvalid FROM pg_index WHERE indexrelid = 'pools_by_country'::regclass`);
  try {
    await runner.query('CREATE INDEX pools_by_country ON pools (country)');
    await runner.query(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'pools_by_country'::regclass`);
    await create();
    const created = await identity();
    expect(created).toMatchObject([{ indisvalid: true }]);
    await create();
    expect(await identity()).toEqual(created);
  } finally {
    await runner.release();
  }
});
