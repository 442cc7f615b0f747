import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { vi } from 'vitest';

import { createDataSource, migrate, pendingMigrations } from '../../src/platform/database/data-source.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { aFolder, query } from '../platform/embedded/support.js';
import { CalmTime } from '../support/calm-time.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import {
  cleanUpStarted,
  LONG_MS,
  send,
  start,
  startHere,
  stopStarted,
  until,
  type Answer,
  type Started,
} from './started.js';
import { itWithRedis, REDIS } from '../support/with-redis.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

const CUSTOMER = '+919000000001';
const AGENT = '+919000000002';
const STRANGER = '+919000000009';

let database: FreshDatabase;
let line: DatabaseLine;
/** Of a killed process, whose replica has an order. */
let installation: Settings;
/** The number that the customer of the order dials. */
let dials: string;
/** What it decided without the database, and only its journal knows. */
let journaled: readonly Call[];
let usualStartMs: number;
beforeAll(async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
  line = await DatabaseLine.to(database.url);
  installation = await settings();
  const maskline = await start(installation);
  usualStartMs = await listensAfterMs(maskline);
  dials = await haveOrder(maskline);
  await line.refuse();
  journaled = [await call(maskline, CUSTOMER, dials), await call(maskline, STRANGER, dials)];
  await maskline.stop('SIGKILL');
  await line.accept();
});
afterEach(async () => {
  await stopStarted();
  line.mend();
  await line.accept();
});
afterAll(async () => {
  await cleanUpStarted();
  line.close();
  await database.drop();
});

async function startAgain(but: Record<string, string> = {}): Promise<Started> {
  return start({ ...installation, env: { ...installation.env, ...but } });
}

async function startAgainHere(but: Record<string, string>): Promise<unknown> {
  return startHere({ ...installation, env: { ...installation.env, ...but } });
}

interface Settings {
  readonly env: Record<string, string>;
  readonly dataDir: string;
}

async function settings(): Promise<Settings> {
  const key = () => randomBytes(32).toString('base64');
  const env = {
    DATABASE_URL: line.url,
    API_KEY: 'the-key-of-one-process',
    PHONE_ENCRYPTION_KEY: key(),
    PHONE_LOOKUP_KEY: key(),
    PORT: String(await freePort('127.0.0.1')),
    EXCHANGE_PORT: String(await freePort('127.0.0.1')),
  };
  return { env, dataDir: await aFolder() };
}

/** Waits until the replica has it, too. @returns the number that the customer dials */
async function haveOrder(maskline: Started): Promise<string> {
  await maskline.isReady();
  await placeOrder(maskline, 'order-1', CUSTOMER, AGENT);
  const placedAt = Date.now();
  await until(async () => {
    const lag = await maskline.metric('maskline_replica_lag_seconds');
    return (lag !== null && lag * 1000 < Date.now() - placedAt) || null;
  });
  return (await maskline.order('order-1')).customer.dials;
}

async function placeOrder(maskline: Started, reference: string, customer: string, agent: string): Promise<void> {
  const placed = await maskline.api('POST', 'orders', { reference, customer: { phone: customer } });
  expect(placed.status).toBe(201);
  const assigned = await maskline.api('PUT', `orders/${reference}/agent`, { phone: agent });
  expect([200, 202]).toContain(assigned.status);
  await maskline.active(reference);
}

interface Call {
  readonly callSid: string;
  readonly rang: string | null;
}

async function call(maskline: Started, from: string, to: string): Promise<Call> {
  const callSid = randomBytes(16).toString('hex');
  // A connection that was kept may lead to the exchange of a killed process.
  await until(async () => (await fetch(`${maskline.exchange}/exchange`).catch(() => null))?.ok || null);
  const { body } = await send(`${maskline.exchange}/exchange/calls`, 'POST', { from, to, callSid });
  return { callSid, rang: body.rang ?? null };
}

async function decisionsOf(calls: readonly Call[]): Promise<(string | undefined)[]> {
  const rows = (await query(database.url, 'SELECT provider_call_id, decision FROM interactions')) as {
    provider_call_id: string;
    decision: string;
  }[];
  return calls.map(({ callSid }) => rows.find((row) => row.provider_call_id === callSid)?.decision);
}

async function ready(maskline: Started): Promise<Answer> {
  return send(`${maskline.url}/health/ready`);
}

/** How long a start takes until it listens. */
async function listensAfterMs(maskline: Started): Promise<number> {
  const begun = new CalmTime();
  await until(async () => (await fetch(`${maskline.url}/health/live`).catch(() => null))?.ok || null);
  return begun.ms;
}

/** A start asks the database once, for two seconds at most, and does not wait for the queues for more than a second. */
const LATER_THAN_USUAL_MS = 3_500;
const WHOLE_WITHIN_MS = 5_000;

/** Everything that a process does is refused at once, but calls; and it says so. */
async function expectOnlyCalls(maskline: Started): Promise<void> {
  const begun = new CalmTime();
  const refused = await maskline.api('GET', 'orders/order-1');
  expect(refused.status).toBe(503);
  expect(refused.body).toMatchObject({ type: '/problems/database-unavailable', retryAfterSeconds: 5 });
  expect(begun.ms).toBeLessThan(500);
  expect((await ready(maskline)).body).toMatchObject({
    status: 'degraded',
    works: ['calls'],
    database: 'down',
    checks: { database: 'does not answer' },
  });
  await maskline.says(/"msg":"started without the database"/);
}

/** Everything works again: orders, jobs, clocks and the replica. */
async function expectWhole(maskline: Started): Promise<void> {
  const back = new CalmTime();
  await until(async () => (await maskline.api('GET', 'orders/order-1')).status === 200 || null);
  await until(async () => (await ready(maskline)).body.status === 'ready' || null);
  await until(async () => ((await maskline.metric('maskline_replica_lag_seconds')) ?? Infinity) < 3 || null);
  expect(back.ms).toBeLessThan(WHOLE_WITHIN_MS);
  await maskline.says(/"msg":"database prepared"/); // the log is written once a second
  expect(maskline.output.match(/"msg":"started without the database"/g)).toHaveLength(1);
}

describe('a start without the database fails as ever', () => {
  it.each([
    ['without a replica', () => ({ REPLICA_DIR: 'off' })],
    ['with an empty replica', () => ({ REPLICA_DIR: join(installation.dataDir, 'empty') })],
    ['with ROLE=worker', () => ({ ROLE: 'worker' })],
  ])('%s', async (_, but: () => Record<string, string>) => {
    await line.refuse();
    await expect(startAgainHere(but())).rejects.toMatchObject({
      message: expect.stringMatching(/^The PostgreSQL at DATABASE_URL cannot be used \(.*$/),
    });
  });

  it('with a wrong password, at the first attempt', async () => {
    const url = new URL(line.url);
    url.password = 'wrong';
    await expect(startAgainHere({ DATABASE_URL: url.href })).rejects.toMatchObject({
      message: expect.stringMatching(/^.*password authentication failed.*$/),
    });
  });
});

it('a database that fails while a start waits for its first numbers does not end the process', async () => {
  const own = await freshDatabase({ lockTimeoutMs: 5_000 });
  const its = await DatabaseLine.to(own.url);
  try {
    const env = { ...installation.env, DATABASE_URL: its.url, BUYING: 'off' }; // so it waits for a minute
    const maskline = await start({ env, dataDir: await aFolder() });
    await listensAfterMs(maskline);
    await its.refuse();
    await until(async () => (await ready(maskline)).body.status !== 'ready' || null);
    await its.accept();
    await maskline.isReady();
    expect(await maskline.stop()).toBe(0);
  } finally {
    await stopStarted();
    its.close();
    await own.drop();
  }
});

describe('a process with a replica that starts while its database', () => {
  it('is silent stops in order', async () => {
    line.silence();
    const maskline = await startAgain();
    expect(await listensAfterMs(maskline)).toBeLessThan(1.5 * usualStartMs + LATER_THAN_USUAL_MS);
    expect(await maskline.stop()).toBe(0);
  });

  it('refuses connections decides calls, and is whole when the database is back', async () => {
    const calls = [...journaled];
    expect(await decisionsOf(calls)).toEqual([undefined, undefined]);
    await line.refuse();
    const maskline = await startAgain();
    expect(await listensAfterMs(maskline)).toBeLessThan(1.5 * usualStartMs + LATER_THAN_USUAL_MS);
    await expectOnlyCalls(maskline);
    calls.push(await call(maskline, CUSTOMER, dials), await call(maskline, STRANGER, dials));
    expect(calls.map(({ rang }) => rang)).toEqual([AGENT, null, AGENT, null]);

    await line.accept();
    await expectWhole(maskline);
    await until(async () => (await maskline.metric('maskline_journal_pending')) === 0 || null);
    expect(await decisionsOf(calls)).toEqual(['connect', 'refuse', 'connect', 'refuse']);
    await placeOrder(maskline, 'order-2', '+919000000003', '+919000000004');
    await maskline.says(/"context":"ReplenishPoolProcessor".*"msg":"pool replenished"/); // its workers work
    expect(await maskline.stop()).toBe(0);
    expect(maskline.output).not.toMatch(/90000000|the-key-of-one-process/);
  });

  itWithRedis('is silent and of an earlier version is whole when it answers, with ROLE=api', async () => {
    const previous = await createDataSource(database.url).initialize();
    await previous.undoLastMigration().finally(() => previous.destroy());
    await rm(join(installation.dataDir, 'replica', 'last-heartbeat.json'), { force: true }); // an earlier version wrote none
    line.silence();
    const maskline = await startAgain({ ROLE: 'api', REDIS_URL: REDIS! });
    await listensAfterMs(maskline);
    await expectOnlyCalls(maskline);
    line.mend();
    await expectWhole(maskline);
    await placeOrder(maskline, 'order-3', '+919000000005', '+919000000006');
    expect(await maskline.stop()).toBe(0);
  });

  it('is silent and of an earlier version decides calls until somebody migrates, with MIGRATE_AT_START=off', async () => {
    const previous = await createDataSource(database.url).initialize();
    try {
      await previous.undoLastMigration();
      await rm(join(installation.dataDir, 'replica', 'last-heartbeat.json'), { force: true });
      line.silence();
      const maskline = await startAgain({ MIGRATE_AT_START: 'off' });
      await listensAfterMs(maskline);
      await expectOnlyCalls(maskline);
      line.mend();
      await maskline.says(/"msg":"database not prepared"/);
      expect(maskline.output).toContain('The schema lacks 1 migration of this release, and MIGRATE_AT_START is off');
      expect((await maskline.api('GET', 'orders/order-1')).status).toBe(503);
      const calls = [await call(maskline, CUSTOMER, dials), await call(maskline, STRANGER, dials)];
      expect(calls.map(({ rang }) => rang)).toEqual([AGENT, null]);
      expect(await pendingMigrations(previous)).toHaveLength(1);

      await migrate(previous);
      await until(async () => (await maskline.api('GET', 'orders/order-1')).status === 200 || null);
      await until(async () => (await ready(maskline)).body.status === 'ready' || null);
      await until(async () => (await maskline.metric('maskline_journal_pending')) === 0 || null);
      expect(await decisionsOf(calls)).toEqual(['connect', 'refuse']);
      expect(await maskline.stop()).toBe(0);
    } finally {
      await previous.destroy();
    }
  });
});
