import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { vi } from 'vitest';

import { DatabaseCheck } from '../../../src/platform/database/database-check.js';
import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { DatabaseLine } from '../../support/database-line.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';
import { PushableClock } from '../../support/pushable-clock.js';

vi.setConfig({ testTimeout: 240_000 });

const OUTAGES = Number(process.env['STALE_OUTAGES'] ?? 5);
const SEED = Number(process.env['STALE_SEED'] ?? randomInt(2 ** 31));

/** Few people and numbers, so that the same pairs come again and again, for other orders. */
const PEOPLE = 5;
const NUMBERS = 4;
/** A pair may come again two minutes after its order; calls are decided without the database for at most one. */
const POLICY = { graceSeconds: 0, quarantineSeconds: 120, decideWithoutDatabaseSeconds: 120, capacity: 2 };
const LONGEST_STALENESS_MS = 60_000;

/** A process that the outage hits, and another one of the installation, which goes on changing the orders. */
let cut: TestApp;
let other: TestApp;
let line: DatabaseLine;
let clock: PushableClock;
let replicaDir: string;
let pool: string;
const people = Array.from({ length: PEOPLE }, aPhone);

/** Who reached whom by which number, and until when, by the answers of the API. */
interface Link {
  readonly order: string;
  readonly dialler: string;
  readonly number: string;
  readonly reaches: string;
  readonly from: number;
  until: number;
}
const links: Link[] = [];
const open: { reference: string; customer: string; agent: string }[] = [];
let placed = 0;

beforeAll(async () => {
  clock = new PushableClock();
  other = await TestApp.start({ clock });
  replicaDir = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
  line = await DatabaseLine.to(other.database.url);
  cut = await startCut();
  pool = await other.pool(POLICY, numbers(NUMBERS));
});
afterAll(async () => {
  line?.mend();
  await cut?.stop();
  line?.close();
  await other?.stop();
  await rm(replicaDir, { recursive: true, force: true });
});

async function startCut(): Promise<TestApp> {
  return TestApp.start({
    clock,
    replicaDir,
    exchangeUrl: other.exchange.url,
    database: { ...other.database, url: line.url },
  });
}

const now = () => clock.now().getTime();

async function placeOrder(customer: string, agent: string): Promise<void> {
  const reference = `stale-${(placed += 1)}`;
  const order = await other.order(reference, customer, agent, { pool });
  if (order.status !== 'active') return void (await other.api('POST', `/v1/orders/${reference}/cancel`));
  open.push({ reference, customer, agent });
  begin(reference, customer, order.customer.dials, agent);
  begin(reference, agent, order.agent.dials, customer);
}

async function replaceAgent(index: number, agent: string): Promise<void> {
  const order = open[index]!;
  const { status, body } = await other.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: agent });
  if (status >= 400 || order.agent === agent) return;
  end(order.reference);
  if (body.status !== 'active') {
    open.splice(index, 1);
    return void (await other.api('POST', `/v1/orders/${order.reference}/cancel`));
  }
  open[index] = { ...order, agent };
  begin(order.reference, order.customer, body.customer.dials, agent);
  begin(order.reference, agent, body.agent.dials, order.customer);
}

async function complete(index: number): Promise<void> {
  const [order] = open.splice(index, 1);
  await other.api('POST', `/v1/orders/${order!.reference}/complete`);
  end(order!.reference);
}

function begin(order: string, dialler: string, number: string, reaches: string): void {
  links.push({ order, dialler, number, reaches, from: now(), until: Infinity });
}

function end(order: string): void {
  for (const link of links) if (link.order === order && link.until === Infinity) link.until = now();
}

const aChange = fc.record({
  what: fc.constantFrom('place', 'place', 'place', 'complete', 'replace', 'pass', 'pass'),
  one: fc.nat(PEOPLE - 1),
  other: fc.nat(PEOPLE - 1),
  index: fc.nat(1_000),
  seconds: fc.constantFrom(1, 20, 61, 130),
});
type Change = typeof aChange extends fc.Arbitrary<infer Of> ? Of : never;

/** A change by the process that has the database, or time that passes. */
async function change({ what, one, other: another, index, seconds }: Change): Promise<void> {
  if (what === 'pass') return other.pass({ seconds });
  if (what === 'place') return one === another ? undefined : placeOrder(people[one]!, people[another]!);
  if (open.length === 0) return;
  const at = index % open.length;
  if (what === 'complete') await complete(at);
  else if (people[one] !== open[at]!.customer) await replaceAgent(at, people[one]!);
}

/** Every person dials every number at the process that the outage hits, all at once. @returns how many calls connected */
async function everyoneCalls(longestStalenessMs: number): Promise<number> {
  const dialled = [...new Set(links.map((link) => link.number))];
  const calls = people.flatMap((dialler) => dialled.map((number) => ({ dialler, number })));
  const rung = await Promise.all(
    calls.map(async (call) => ({ ...call, rings: (await cut.call(call.dialler, call.number)).rings })),
  );
  const connected = rung.filter(({ rings }) => rings.length > 0);
  for (const { dialler, number, rings } of connected) {
    const may = links.filter((link) => link.dialler === dialler && link.number === number);
    const isJoined = may.some((link) => link.reaches === rings[0] && link.until > now() - longestStalenessMs);
    expect(isJoined).toBe(true);
  }
  return connected.length;
}

it('connects nobody who was not joined by that number within the allowed staleness, whatever happens meanwhile', async () => {
  let connectedWithin = 0;
  const anOutage = fc.asyncProperty(
    fc.array(aChange, { minLength: 8, maxLength: 14, size: 'max' }),
    fc.boolean(),
    fc.array(aChange, { minLength: 16, maxLength: 30, size: 'max' }),
    async (before, isUpToDate, within) => {
      for (const one of before) await change(one);
      expect(await everyoneCalls(0)).toBe(links.filter(({ until }) => until === Infinity).length);
      if (isUpToDate) await upToDate();
      line.silence();
      while ((await cut.get(DatabaseCheck).look()) === null);
      connectedWithin += await everyoneCalls(LONGEST_STALENESS_MS);
      for (const [index, one] of within.entries()) {
        await change(one);
        if (index % 5 === 4) connectedWithin += await everyoneCalls(LONGEST_STALENESS_MS);
      }
      clock.push({ seconds: 61 });
      expect(await everyoneCalls(0)).toBe(0);
      line.mend();
      await eventually(async () => (await cut.get(DatabaseCheck).look()) === null, 10_000);
      await upToDate();
    },
  );
  await fc.assert(anOutage, { numRuns: OUTAGES, endOnFailure: true, seed: SEED });
  expect(connectedWithin).toBeGreaterThan(0);
});

/** The replica has everything that is committed now. */
async function upToDate(): Promise<void> {
  const begun = performance.now();
  const ageMs = () => cut.app.get(Replica, { strict: false }).ageMs();
  await eventually(() => ageMs() !== null && ageMs()! < performance.now() - begun, 20_000);
}
