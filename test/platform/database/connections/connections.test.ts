import { setTimeout as sleep } from 'node:timers/promises';

import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

import { CallConnections } from '../../../../src/platform/database/call-connections.js';
import { connectionOptions, openPool } from '../../../../src/platform/database/connections/connection-pool.js';
import { Connection, ConnectionSilent } from '../../../../src/platform/database/connections/connection.js';
import { openDataSource } from '../../../../src/platform/database/data-source.js';
import { isDatabaseTrouble } from '../../../../src/platform/database/connections/database-trouble.js';
import { queueConnections } from '../../../../src/platform/queue/postgres-queues.js';
import { freshDatabase, type FreshDatabase } from '../../../support/database.js';
import { DatabaseLine } from '../../../support/database-line.js';

const BOUNDS = { connectMs: 1_000, statementMs: 400 };
const ANSWERS_WITHIN_MS = 500;
const CALL_ANSWERS_WITHIN_MS = 1_250;

let database: FreshDatabase;
let line: DatabaseLine;
const pools: { end(): Promise<unknown> }[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  line = await DatabaseLine.to(database.url);
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
  line.close();
  await database.drop();
});

function aPool(connections = 4): Pool {
  const pool = openPool(line.url, connections, connectionOptions(BOUNDS));
  pools.push(pool);
  return pool;
}

async function aDataSource(url: string): Promise<DataSource> {
  const dataSource = await openDataSource(url, {}, BOUNDS);
  pools.push({ end: async () => dataSource.destroy() });
  return dataSource;
}

async function callConnections(url: string): Promise<CallConnections> {
  const connections = new CallConnections(url);
  pools.push({ end: async () => connections.onApplicationShutdown() });
  return connections;
}

async function expectTrouble(work: Promise<unknown>): Promise<void> {
  const failure = await work.then(
    () => null,
    (failed: unknown) => failed,
  );
  expectTroubleIn(failure);
}

function expectTroubleIn(failure: unknown): void {
  expect([failure, isDatabaseTrouble(failure)]).toEqual([expect.any(Error), true]);
}

describe('a connection that falls silent', () => {
  it('is discarded with the statement that got no answer, and the next one works', async () => {
    const pool = aPool();
    await pool.query('SELECT 1');
    line.silenceOpen();
    const begun = performance.now();
    await expect(pool.query('SELECT 1')).rejects.toThrow(ConnectionSilent);
    expect(performance.now() - begun).toBeGreaterThan(ANSWERS_WITHIN_MS - 50);
    expect(pool.totalCount).toBe(0);
    expect((await pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
  });

  it('is told from one whose answer came while this process was too busy to read it', async () => {
    const pool = openPool(database.url, 1, connectionOptions(BOUNDS)); // the line would be too busy as well
    pools.push(pool);
    const { rows: before } = await pool.query('SELECT pg_backend_pid() AS pid');
    const asked = pool.query('SELECT pg_backend_pid() AS pid');
    await new Promise(setImmediate); // it is sent
    for (const busyUntil = Date.now() + 2 * ANSWERS_WITHIN_MS; Date.now() < busyUntil;);
    expect((await asked).rows).toEqual(before);
  });

  it('takes all idle ones of its process along', async () => {
    const pool = aPool();
    await Promise.all([1, 2, 3, 4].map(() => pool.query('SELECT pg_sleep(0.1)')));
    expect(pool.idleCount).toBe(4);
    line.silenceOpen();
    await expect(pool.query('SELECT 1')).rejects.toThrow(ConnectionSilent);
    for (let query = 0; query < 4; query += 1) await pool.query('SELECT 1');
  });

  it('ends a transaction, and takes no rollback into the next one', async () => {
    const dataSource = await aDataSource(line.url);
    const failing = dataSource.transaction(async (tx) => {
      await tx.query('CREATE TABLE never (id integer)');
      line.silenceOpen();
      await tx.query('SELECT 1');
    });
    await expectTrouble(failing);
    expect(await dataSource.query(`SELECT to_regclass('never') AS it`)).toEqual([{ it: null }]);
  });

  it('costs a call no more than a second try', async () => {
    const connections = await callConnections(line.url);
    await Promise.all(Array.from({ length: 8 }, async () => connections.query({ text: 'SELECT pg_sleep(0.1)' })));
    line.silenceOpen();
    const asked = Array.from({ length: 32 }, async () => connections.query({ text: 'SELECT 3 AS three' }));
    for (const { rows } of await Promise.all(asked)) expect(rows).toEqual([{ three: 3 }]);
  });

  it('costs a call no more than a second try in a process that is too busy to notice it at once', async () => {
    const connections = await callConnections(line.url);
    await connections.query({ text: 'SELECT 1' });
    line.silenceOpen();
    const asked = connections.query({ text: 'SELECT 3 AS three' });
    await sleep(CALL_ANSWERS_WITHIN_MS - 50);
    for (const busyUntil = Date.now() + 300; Date.now() < busyUntil;);
    expect((await asked).rows).toEqual([{ three: 3 }]);
  });
});

it('a statement that takes too long is ended by the server, and its connection lives on', async () => {
  const connection = await aPool().connect();
  await expect(connection.query('SELECT pg_sleep(2)')).rejects.toMatchObject({ code: '57014' });
  expect((await connection.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  connection.release();
});

it.each([1, 2, 3, 4])('a server that ends a connection with its answer %i ends no process', async (answers) => {
  line.endAfterAnswers = answers;
  const connection = new Connection({ ...connectionOptions(BOUNDS), connectionString: line.url });
  await connection.connect();
  for (let query = 1; query < answers; query += 1) await connection.query('SELECT 1');
  await sleep(50);
  const queues = queueConnections(line.url, true);
  for (const pool of [aPool(), queues]) {
    await pool.query('SELECT 1').then(() => pool.query('SELECT 2'), expectTroubleIn);
  }
  const dataSource = await aDataSource(line.url);
  await dataSource.query('SELECT 1').then(async () => dataSource.query('SELECT 2'), expectTroubleIn);
  line.endAfterAnswers = null;
  pools.push(queues);
  expect((await queues.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

describe('whatever the settings of the server', () => {
  const AT = new Date('2026-02-03T04:05:06.789Z');

  beforeEach(async () => {
    const admin = openPool(database.url, 1, connectionOptions(BOUNDS));
    const name = new URL(database.url).pathname.slice(1);
    for (const [setting, value] of [
      ['DateStyle', 'SQL, DMY'],
      ['TimeZone', 'Asia/Kolkata'],
      ['IntervalStyle', 'sql_standard'],
      ['default_transaction_isolation', 'serializable'],
    ]) {
      await admin.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    }
    await admin.end();
  });

  const READ = `SELECT $1::timestamptz AS at, $1::timestamptz::text AS written, current_date::text AS today,
                       current_setting('IntervalStyle') AS intervals,
                       current_setting('transaction_isolation') AS isolation`;

  it('each kind of connection reads and writes values in the same form', async () => {
    const dataSource = await aDataSource(line.url);
    const calls = await callConnections(line.url);
    const queues = queueConnections(line.url, true);
    pools.push(queues);
    const rows = [
      ...((await dataSource.query(READ, [AT])) as object[]),
      ...(await calls.query({ text: READ, values: [AT] })).rows,
      ...(await queues.query(READ, [AT])).rows,
    ];
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row).toEqual({
        at: AT,
        written: '2026-02-03 04:05:06.789+00',
        today: new Date().toISOString().slice(0, 10),
        intervals: 'postgres',
        isolation: 'read committed',
      });
    }
  });

  it('no connection asks for more at its start than PgBouncer lets through', async () => {
    await (await aDataSource(line.url)).query('SELECT 1');
    await (await callConnections(line.url)).query({ text: 'SELECT 1' });
    const queues = queueConnections(line.url, true);
    pools.push(queues);
    await queues.query('SELECT 1');
    expect(line.startUps.length).toBeGreaterThanOrEqual(3);
    for (const startUp of line.startUps) {
      const parts = startUp.slice(8).split('\0');
      const names = parts.filter((part, index) => index % 2 === 0 && part !== '');
      expect(names.sort()).toEqual(['application_name', 'client_encoding', 'database', 'user']);
    }
  });
});
