import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { vi } from 'vitest';

import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/platform/embedded/embedded-postgres.js';
import { Greetings } from '../../src/telephony/greetings/greetings.js';
import { Replica } from '../../src/virtual-numbers/replica/replica.js';
import { aDataFolder, cleanUp } from '../platform/embedded/support.js';
import { aPhone, API_KEY, encodeForm, formHeaders, HOOK_SECRET, numbers, TestApp, TWILIO } from '../support/app.js';
import { CalmTime } from '../support/calm-time.js';
import { DatabaseLine } from '../support/database-line.js';
import { connectCall } from '../support/exotel-connect.js';
import { Steadily } from '../support/steadily.js';

const ALL = process.env['FAULTS'] === 'all';
const ORDERS = ALL ? 5_000 : 120;
const OUTAGE_MS = ALL ? 60_000 : 6_000;
const CALLS_A_SECOND = ALL ? 200 : 40;

vi.setConfig({ testTimeout: 4 * OUTAGE_MS + 120_000, hookTimeout: 300_000 });

/** A server that is killed must keep what it has committed, so its commits are written, if not flushed to the disk. */
const FAST = { fsync: 'off', full_page_writes: 'off' };
/** From the database's return. */
const NORMAL_WITHIN_MS = 5_000;
const ANSWERED_WITHIN_MS = 1_000;

interface Person {
  readonly order: string;
  readonly phone: string;
  readonly dials: string;
  /** Whom the person may reach: the other participant of the order, now or before. */
  readonly reaches: readonly string[];
  /** Whether a call must connect. */
  readonly connects: boolean;
}

interface Call {
  readonly id: string;
  readonly by: Person;
  readonly tookMs: number;
  readonly rang: string | null;
}

let dataDir: string;
let replicaDir: string;
let server: EmbeddedDatabase;
let line: DatabaseLine;
let app: TestApp;
let people: Person[];
let calls: Steadily<Call> | undefined;

beforeAll(async () => {
  dataDir = await aDataFolder();
  replicaDir = await mkdtemp(join(tmpdir(), 'maskline-replica-'));
  server = await startEmbeddedPostgres({ dataDir, flags: FAST });
  const dataSource = await createDataSource(server.url).initialize();
  await migrate(dataSource).finally(() => dataSource.destroy());
  line = await DatabaseLine.to(server.url);
  app = await TestApp.start({ database: { url: line.url, drop: async () => undefined }, works: true, replicaDir });
  await app.pool({ name: 'city', capacity: 1_000 }, numbers(40));
  await app.pool({ name: 'at-twilio', capacity: 1_000, provider: 'twilio' }, numbers(10));
});
afterAll(async () => {
  await app?.stop();
  line?.close();
  await server?.stop();
  await rm(replicaDir, { recursive: true, force: true });
  await cleanUp();
});
afterEach(async () => calls?.stop());
/** Of the orders, every twentieth gets another agent, and another twentieth is over, just before the outage. */
async function someOrders(pool: string, count: number): Promise<Person[]> {
  const made: Person[] = [];
  await inTurns(count, async (index) => {
    const reference = `order-${randomBytes(6).toString('hex')}`;
    const [customer, agent, next] = [aPhone(), aPhone(), aPhone()];
    const before = await app.order(reference, customer, agent, { pool });
    const path = `/v1/orders/${reference}`;
    if (index % 20 === 1) await app.api('PUT', `${path}/agent`, { phone: next });
    if (index % 20 === 2) await app.api('POST', `${path}/cancel`);
    const { body } = await app.api('GET', path);
    const connects = index % 20 !== 2;
    made.push({ order: reference, phone: customer, dials: before.customer.dials, reaches: [agent, next], connects });
    if (index % 20 === 1) {
      made.push({ order: reference, phone: agent, dials: before.agent.dials, reaches: [customer], connects: false });
      made.push({ order: reference, phone: next, dials: body.agent.dials, reaches: [customer], connects: true });
    } else {
      made.push({ order: reference, phone: agent, dials: before.agent.dials, reaches: [customer], connects });
    }
  });
  return made;
}

async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

/** How a provider asks whom a call rings. @returns the phone; null = nobody */
type Ask = (id: string, from: string, to: string) => Promise<string | null>;

const askAsExotel: Ask = async (id, from, to) =>
  (await connectCall(`${app.url}/hooks/exotel/${HOOK_SECRET}`, { id, from, to })).rang;

const askAsTwilio: Ask = async (id, from, to) => {
  const { text } = await postAsTwilio('voice', { CallSid: id, From: from, To: to, Direction: 'inbound' });
  return /<Number[^>]*>(.*)<\/Number>/.exec(text)?.[1] ?? null;
};

async function postAsTwilio(path: string, fields: Record<string, string>): Promise<{ status: number; text: string }> {
  const [url, form] = [`${app.url}/hooks/twilio/${path}`, { AccountSid: TWILIO.sid, ...fields }];
  const headers = formHeaders(webhooks.getExpectedTwilioSignature(TWILIO.authToken, url, form));
  const answer = await fetch(url, { method: 'POST', headers, body: encodeForm(form) });
  return { status: answer.status, text: await answer.text() };
}

/** A call of a random person. */
async function place(ask: Ask, prefix = ''): Promise<Call> {
  const by = people[Math.floor(Math.random() * people.length)]!;
  const id = prefix + randomBytes(16).toString('hex');
  const asked = new CalmTime();
  const rang = await ask(id, by.phone, by.dials);
  return { id, by, tookMs: asked.ms, rang };
}

async function ready(): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${app.url}/health/ready`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function metric(name: string): Promise<number> {
  const answer = await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
  const line = (await answer.text())
    .split('\n')
    .find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1));
}

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < withinMs; await sleep(50)) if (await isSo()) return;
  throw new Error(`It did not come within ${withinMs / 1000} s. Readiness: ${JSON.stringify((await ready()).body)}`);
}

/** The replica of the application has everything that was committed before. */
async function replicated(): Promise<void> {
  const replica = app.app.get(Replica, { strict: false });
  const since = performance.now();
  await until(() => (replica.ageMs() ?? Infinity) < performance.now() - since);
}

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

/** How an outage begins and ends. */
const OUTAGES: Readonly<Record<string, { begin: () => Promise<void>; end: () => Promise<void> }>> = {
  'is stopped': {
    begin: async () => process.kill(await postmaster(), 'SIGQUIT') && undefined,
    end: async () => {
      server = await startEmbeddedPostgres({ dataDir, flags: FAST });
      line.leadTo(server.url);
    },
  },
  'is frozen': { begin: () => signalAll('SIGSTOP'), end: () => signalAll('SIGCONT') },
  'falls silent': { begin: async () => line.silence(), end: async () => line.mend() },
};

async function isDown(): Promise<void> {
  await until(async () => (await ready()).body['status'] === 'degraded', 10_000);
}

async function isBack(): Promise<void> {
  await until(async () => (await ready()).body['status'] === 'ready');
  await until(async () => (await metric('maskline_journal_pending')) === 0);
}

/** Nobody was connected wrongly, nobody who had to be was not, no answer took long, and each decision is recorded once. */
async function expectRightCalls(placed: readonly Call[]): Promise<void> {
  const wrong = placed.filter(({ rang, by }) => rang !== null && !by.reaches.includes(rang));
  expect(wrong).toEqual([]);
  const should = placed.filter(({ by }) => by.connects);
  const missed = should.filter(({ rang }) => rang === null);
  expect(missed.length).toBeLessThanOrEqual(should.length / 1_000);
  expect(placed.filter(({ tookMs }) => tookMs > ANSWERED_WITHIN_MS)).toEqual([]);
  const recorded: { id: string; decision: string; steps: number }[] = await app.dataSource.query(
    `SELECT provider_call_id AS id, decision, (SELECT count(*)::integer FROM jsonb_object_keys(steps)) AS steps
     FROM interactions WHERE provider_call_id = ANY($1)`,
    [placed.map(({ id }) => id)],
  );
  const decisionOf = new Map(recorded.map(({ id, decision }) => [id, decision]));
  expect(recorded.filter(({ steps }) => steps !== 1)).toEqual([]);
  for (const { id, rang } of placed) expect(decisionOf.get(id)).toBe(rang === null ? 'refuse' : 'connect');
}

describe.each(Object.entries(OUTAGES))('while the database %s', (_, outage) => {
  it('callers are connected as before, and each decision is recorded once afterwards', async () => {
    people = await someOrders('city', ORDERS);
    await replicated();
    calls = new Steadily(CALLS_A_SECOND, async () => place(askAsExotel));
    await sleep(1_000);
    await outage.begin();
    const begun = performance.now();
    await isDown();
    expect(await ready()).toMatchObject({ status: 200, body: { works: ['calls'], database: 'down' } });
    expect((await app.api('POST', '/v1/orders', { reference: 'x', customer: { phone: aPhone() } })).status).toBe(503);
    await sleep(OUTAGE_MS - (performance.now() - begun));
    expect(await metric('maskline_journal_pending')).toBeGreaterThan(0);
    await outage.end();
    const back = new CalmTime();
    await until(async () => (await ready()).body['status'] === 'ready');
    expect(back.ms).toBeLessThan(NORMAL_WITHIN_MS);
    await isBack();
    await sleep(1_000);
    await calls.stop();
    await isBack(); // a slow moment brings it back
    await expectRightCalls(calls.done);
  });
});

it('callers of Twilio are connected as well, and its other requests are answered so that nothing is lost', async () => {
  people = await someOrders('at-twilio', 40);
  await replicated();
  calls = new Steadily(CALLS_A_SECOND / 2, async () => place(askAsTwilio, 'CA'));
  await until(() => calls!.done.length > 10);
  line.silence();
  await isDown();
  const { phone, dials } = people.find(({ connects }) => connects)!;

  const stranger = { CallSid: aSid('CA'), From: aPhone(), To: dials, Direction: 'inbound' };
  const words = new Greetings().say('try_later', 'en');
  const answered = calls.done.find(({ rang }) => rang !== null)!;
  const [refused, over, ended, text] = await Promise.all([
    postAsTwilio('voice', stranger),
    postAsTwilio('voice/dial-result', { CallSid: answered.id, DialCallStatus: 'completed', DialCallDuration: '7' }),
    postAsTwilio('voice/status', { CallSid: stranger.CallSid, CallStatus: 'completed', Direction: 'inbound' }),
    postAsTwilio('messages', { MessageSid: aSid('SM'), From: phone, To: dials, Body: 'here' }),
  ]);
  expect(refused).toMatchObject({ status: 200, text: expect.stringContaining(words) });
  expect(over).toMatchObject({ status: 200, text: expect.stringContaining('<Hangup/>') });
  expect(ended).toEqual({ status: 204, text: '' });
  expect(text.status).toBe(503); // Twilio sends it again, to the fallback URL

  const during = calls.done.length;
  await until(() => calls!.done.length > during + 10);
  line.mend();
  await isBack();
  await calls.stop();
  await isBack();
  await expectRightCalls(calls.done);
});

const aSid = (kind: string): string => kind + randomBytes(16).toString('hex');
