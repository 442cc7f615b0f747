import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, statSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';
import { Client } from 'pg';

import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { connectionOptions, openPool } from '../../src/platform/database/connections/connection-pool.js';
import { ConnectionSilent } from '../../src/platform/database/connections/connection.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/platform/embedded/embedded-postgres.js';
import { aDataFolder, aFolder, cleanUp } from '../platform/embedded/support.js';
import { aPhone, numbers, TestApp } from '../support/app.js';
import { CalmTime } from '../support/calm-time.js';
import { certify, type Certificates } from '../support/certificates.js';
import { DatabaseLine } from '../support/database-line.js';
import { RunningQueues } from '../support/running-queues.js';
import { SteadyCalls } from './steady-calls.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const WORKS_AGAIN_WITHIN_MS = 15_000;
const FAST = { fsync: 'off', full_page_writes: 'off' };
const BOUNDS = { connectMs: 5_000, statementMs: 2_000 };

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < withinMs; await sleep(50)) if (await isSo()) return;
  throw new Error(`It did not come within ${withinMs / 1000} s.`);
}

async function administer(url: string, ...statements: string[]): Promise<void> {
  const admin = new Client({ connectionString: url });
  admin.on('error', () => undefined);
  await admin.connect();
  for (const statement of statements) await admin.query(statement);
  await admin.end();
}

/** A folder of the server's, with the server's owner. */
async function give(folder: string, name: string, from: string | null): Promise<void> {
  const file = join(folder, 'postgres', name);
  await (from === null ? writeFile(file, '') : copyFile(from, file));
  const { uid, gid } = statSync(join(folder, 'postgres'));
  chownSync(file, uid, gid);
  chmodSync(file, 0o600);
}

let certificates: Certificates;
let one: EmbeddedDatabase;
let two: EmbeddedDatabase;
let app: TestApp;
let calls: SteadyCalls;

/** Two servers, of which the second is a standby of the first. Both speak TLS. */
beforeAll(async () => {
  certificates = await certify('DNS:localhost,IP:127.0.0.1');
  const [first, second] = [await aDataFolder(), await aFolder()];
  await give(first, 'server.crt', certificates.cert);
  await give(first, 'server.key', certificates.key);
  const flags = { ...FAST, ssl: 'on' };
  const before = await startEmbeddedPostgres({ dataDir: first, flags });
  const dataSource = await createDataSource(before.url).initialize();
  await migrate(dataSource).finally(() => dataSource.destroy());
  await before.stop();
  execFileSync('cp', ['-a', join(first, 'postgres'), second]);
  await give(second, 'standby.signal', null);
  one = await startEmbeddedPostgres({ dataDir: first, flags });
  const { username, password, port } = new URL(one.url);
  const primary = `host=127.0.0.1 port=${port} user=${username} password=${password}`;
  two = await startEmbeddedPostgres({ dataDir: second, flags: { ...flags, primary_conninfo: primary } });

  const ports = [one, two].map(({ url }) => new URL(url).port);
  const hosts = ports.map((each) => `127.0.0.1:${each}`).join(',');
  const tls = `sslmode=verify-full&sslrootcert=${certificates.ca}`;
  const url = `postgres://${username}:${password}@${hosts}/maskline?target_session_attrs=read-write&${tls}`;
  const replicaDir = await aFolder();
  app = await TestApp.start({ database: { url, drop: async () => undefined }, works: true, replicaDir });
  await app.pool({ name: 'city' }, numbers(2));
  const customer = aPhone();
  const order = await app.order('order-1', customer, aPhone(), { pool: 'city' });
  calls = new SteadyCalls(app, customer.replace('+91', '0'), order.customer.dials.replace('+91', '0'));
  await until(() => calls.placed.length > 20);
});
afterAll(async () => {
  await calls?.stop();
  await app?.stop({ closedWithinMs: 10_000 });
  await Promise.all([one?.stop(), two?.stop()]);
  await cleanUp();
});

/** Twenty calls in a row connect, an order is placed, the queues run, and the replica is fed. */
async function expectAllWorks(): Promise<void> {
  const since = performance.now();
  await until(() => {
    const latest = calls.since(since).slice(-20);
    return latest.length === 20 && latest.every(({ connected }) => connected);
  }, WORKS_AGAIN_WITHIN_MS);
  const order = { pool: 'city', customer: { phone: aPhone() } };
  await until(
    async () => (await app.api('POST', '/v1/orders', { ...order, reference: `order-${Math.random()}` })).status === 201,
  );
  await new RunningQueues(app).runAgain(Date.now());
  expect((await app.request('GET', '/health/ready', {})).status).toBe(200);
  await until(async () => {
    const { text } = await app.api('GET', '/metrics');
    return Number(/^maskline_replica_lag_seconds (.+)$/m.exec(text)?.[1] ?? Infinity) < 3;
  });
}

const ordersAt = async ({ url }: EmbeddedDatabase): Promise<number> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::integer AS count FROM orders');
  await client.end();
  return rows[0]!.count;
};

describe('of several servers in DATABASE_URL, the one that accepts writes is used', () => {
  it('also after the other one was promoted and the first was made read-only, while calls come', async () => {
    await expectAllWorks();
    const readOnly = 'ALTER SYSTEM SET default_transaction_read_only = on';
    await administer(one.url, readOnly, 'SELECT pg_reload_conf()');
    await sleep(1_000); // the standby receives what was committed before
    await administer(two.url, 'SELECT pg_promote()');
    await expectAllWorks();
    expect(await ordersAt(two)).toBeGreaterThan(await ordersAt(one));
  });

  it('also after it has ended and the other one accepts writes again, while calls come', async () => {
    await two.stop();
    const writable = 'ALTER SYSTEM RESET default_transaction_read_only';
    await administer(one.url, 'SET default_transaction_read_only = off', writable, 'SELECT pg_reload_conf()');
    await expectAllWorks();
  });
});

describe('with sslmode=verify-full', () => {
  const query = async (url: string) => {
    const pool = openPool(url, 1, connectionOptions(BOUNDS));
    const text = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    return pool
      .query<{ ssl: boolean }>(text)
      .then(({ rows }) => rows[0]!.ssl)
      .finally(() => pool.end());
  };
  const at = (parameters: string, host = '127.0.0.1') => `${one.url.replace('127.0.0.1', host)}?${parameters}`;

  it('a server is believed whose certificate the CA has signed for this host', async () => {
    const ca = `sslrootcert=${certificates.ca}`;
    expect(await query(at(`sslmode=verify-full&${ca}`))).toBe(true);
    expect(await query(at(`sslmode=verify-full&${ca}`, 'localhost'))).toBe(true);
    const other = await certify('DNS:elsewhere.example');
    await expect(query(at('sslmode=verify-full'))).rejects.toThrow(/certificate/);
    await expect(query(at(`sslmode=verify-full&sslrootcert=${other.ca}`))).rejects.toThrow(/certificate/);
    expect(await query(at('sslmode=require'))).toBe(true);
    expect(await query(at('sslmode=disable'))).toBe(false);
  });

  it('a connection that falls silent is destroyed as one without TLS', async () => {
    const line = await DatabaseLine.to(one.url);
    const pool = openPool(
      `${line.url}?sslmode=verify-full&sslrootcert=${certificates.ca}`,
      1,
      connectionOptions(BOUNDS),
    );
    try {
      await pool.query('SELECT 1');
      line.silenceOpen();
      await expect(pool.query('SELECT 1')).rejects.toThrow(ConnectionSilent);
      expect((await pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    } finally {
      await pool.end();
      line.close();
    }
  });
});
