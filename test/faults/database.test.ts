import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';
import { Client } from 'pg';

import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/platform/embedded/embedded-postgres.js';
import { aDataFolder, cleanUp } from '../platform/embedded/support.js';
import { aPhone, API_KEY, numbers, TestApp } from '../support/app.js';
import { DatabaseLine } from '../support/database-line.js';
import { SteadyCalls } from './steady-calls.js';
import { CalmTime } from '../support/calm-time.js';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const WORKS_AGAIN_WITHIN_MS = 15_000;
/** Far below the time limits of connections and statements. */
const REFUSED_WITHIN_MS = 1_000;
/** A server that is killed must keep what it has committed, so its commits are written, if not flushed to the disk. */
const FAST = { fsync: 'off', full_page_writes: 'off' };

let dataDir: string;
let server: EmbeddedDatabase;
let line: DatabaseLine;
let app: TestApp;
let calls: SteadyCalls;
let lines: string[];

beforeAll(async () => {
  dataDir = await aDataFolder();
  server = await startEmbeddedPostgres({ dataDir, flags: FAST });
  const dataSource = await createDataSource(server.url).initialize();
  await migrate(dataSource).finally(() => dataSource.destroy());
  line = await DatabaseLine.to(server.url);
  const keep = (one: string) => void lines.push(one);
  lines = [];
  app = await TestApp.start({ database: { url: line.url, drop: async () => undefined }, works: true, logTo: keep });
  await app.pool({ name: 'city' }, numbers(2));
  const customer = aPhone();
  const order = await app.order('order-1', customer, aPhone(), { pool: 'city' });
  calls = new SteadyCalls(app, customer.replace('+91', '0'), order.customer.dials.replace('+91', '0'));
  await until(() => calls.placed.length > 20);
});
afterAll(async () => {
  await calls?.stop();
  await app?.stop();
  line?.close();
  await server?.stop();
  await cleanUp();
});
beforeEach(() => {
  lines = [];
});

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < withinMs; await sleep(20)) if (await isSo()) return;
  throw new Error(`It did not come within ${withinMs / 1000} s.`);
}

/** Twenty calls in a row, placed after now, connect; the process is ready; an order is placed; and the log says so. */
async function expectAllWorksAgain(): Promise<void> {
  const back = performance.now();
  const waited = new CalmTime();
  await until(() => {
    const latest = calls.since(back).slice(-20);
    return latest.length === 20 && latest.every(({ connected }) => connected);
  }, WORKS_AGAIN_WITHIN_MS);
  await until(async () => (await ready()).status === 200, WORKS_AGAIN_WITHIN_MS);
  await until(async () => (await write()).status === 201, WORKS_AGAIN_WITHIN_MS);
  expect(waited.ms).toBeLessThan(WORKS_AGAIN_WITHIN_MS);
  const wasTold = lines.some((one) => one.includes('call not decided'));
  if (wasTold) await until(() => lines.some((one) => one.includes('database available again')));
}

async function ready(): Promise<{ status: number; body: { checks: Record<string, string> } }> {
  const response = await fetch(`${app.url}/health/ready`);
  return { status: response.status, body: (await response.json()) as never };
}

async function metrics(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
  return { status: response.status, text: await response.text() };
}

async function write(): Promise<Response> {
  return fetch(`${app.url}/v1/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reference: `order-${Math.random()}`, pool: 'city', customer: { phone: aPhone() } }),
  });
}

/** While the database cannot be used: readiness, metrics, answers and log all say so, and say it with restraint. */
async function expectTold(wrong: string | RegExp): Promise<void> {
  await until(async () => (await ready()).status === 503);
  expect((await ready()).body.checks['database']).toMatch(wrong);
  const scraped = await metrics();
  expect(scraped.status).toBe(200);
  expect(scraped.text).toContain('maskline_database_up 0');
  expect(scraped.text).toContain('maskline_ready{check="database"} 0');
  const asked = new CalmTime();
  const answer = await write();
  expect(asked.ms).toBeLessThan(REFUSED_WITHIN_MS);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.json()).toMatchObject({ type: '/problems/database-unavailable' });
  expect(lines.filter((one) => one.includes('readiness check failed'))).not.toEqual([]);
  const ofCalls = () => lines.filter((one) => /call not decided|request failed|database unavailable/.test(one));
  await until(() => ofCalls().length > 0);
  expect(ofCalls().length).toBeLessThan(4);
}

async function administer(...statements: string[]): Promise<void> {
  const admin = new Client({ connectionString: server.url });
  admin.on('error', () => undefined);
  await admin.connect();
  for (const statement of statements) await admin.query(statement);
  await admin.end();
}

const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name <> '' AND pid <> pg_backend_pid() AND datname = current_database()`;

async function postmaster(): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function signalAll(signal: NodeJS.Signals): Promise<void> {
  const pid = await postmaster();
  const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
  for (const one of [pid, ...children]) process.kill(one, signal);
}

it('connections that fall silent cost no call placed three seconds later', async () => {
  const begun = performance.now();
  line.silenceOpen();
  await sleep(6_000);
  await expectAllWorksAgain();
  expect(calls.since(begun + 3_000).filter(({ connected }) => !connected)).toEqual([]);
});

it('a server that falls silent is told of, and all works again when it answers', async () => {
  line.silence();
  await expectTold('does not answer');
  line.mend();
  await expectAllWorksAgain();
});

it('a request under way when the server falls silent is answered before its own time limit', async () => {
  line.silence();
  const asked = new CalmTime();
  const answer = await write();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(asked.ms).toBeLessThan(6_000);
  line.mend();
  await expectAllWorksAgain();
});

it('a server that is frozen is told of, and all works again when it is thawed', async () => {
  await signalAll('SIGSTOP');
  try {
    await expectTold('does not answer');
  } finally {
    await signalAll('SIGCONT');
  }
  await expectAllWorksAgain();
});

it('a server that is stopped is told of, and all works again when it is started', async () => {
  const pid = await postmaster();
  process.kill(pid, 'SIGQUIT');
  await expectTold('does not answer');
  server = await startEmbeddedPostgres({ dataDir, flags: FAST });
  line.leadTo(server.url);
  await expectAllWorksAgain();
});

it('a server that is read-only is told of, and all works again when it can be written to', async () => {
  await administer('ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()', TERMINATE);
  await expectTold('read-only');
  await administer(
    'SET default_transaction_read_only = off',
    'ALTER SYSTEM RESET default_transaction_read_only',
    'SELECT pg_reload_conf()',
  );
  await expectAllWorksAgain();
});

it('a server that ends connections again and again ends no process, and next to no call', async () => {
  const before = calls.refused();
  const begun = performance.now();
  for (; performance.now() - begun < 3_000; await sleep(50)) await administer(TERMINATE);
  await expectAllWorksAgain();
  expect(calls.refused() - before).toBeLessThan(calls.since(begun).length / 10);
});

it('in all of that, no call that connected is lost', async () => {
  await calls.stop();
  const connected = calls.placed.filter((call) => call.connected).map(({ id }) => id);
  expect(await app.count('interactions', `decision = 'connect'`)).toBeGreaterThanOrEqual(connected.length);
  const known = await app.dataSource.query(
    `SELECT count(*)::integer AS rows FROM interactions WHERE decision = 'connect' AND provider_call_id = ANY($1)`,
    [connected],
  );
  expect(known).toEqual([{ rows: connected.length }]);
});
