import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';
import { vi } from 'vitest';

import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';

vi.setConfig({ testTimeout: 60_000 });

/** As a migration, a checkpoint or a busy disk can keep a statement. Longer than decisions wait that can do without it. */
const KEPT_MS = 700;

let app: TestApp;
let replicaDir: string;
let keeper: Client;
const [customer, agent, stranger] = [aPhone(), aPhone(), aPhone()];
const orders: Record<string, Body> = {};

const POLICIES = {
  plain: {},
  capped: { maxCallsPerHour: 50 },
  'never alone': { decideWithoutDatabaseSeconds: 0 },
  'with a short rest': { quarantineSeconds: 60 },
  'with PINs': { pin: 'always' as const },
};

beforeAll(async () => {
  replicaDir = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
  app = await TestApp.start({ replicaDir });
  for (const [name, policy] of Object.entries(POLICIES)) {
    const pool = await app.pool(policy, numbers(2));
    orders[name] = await app.order(`order ${name}`.replaceAll(' ', '-'), customer, agent, { pool });
  }
  const replica = app.app.get(Replica, { strict: false });
  const since = performance.now();
  await eventually(() => (replica.ageMs() ?? Infinity) < performance.now() - since, 20_000);
  keeper = new Client({ connectionString: app.database.url });
  await keeper.connect();
});
afterAll(async () => {
  await keeper?.end();
  await app?.stop();
  await rm(replicaDir, { recursive: true, force: true });
});

const dials = (name: string): string => orders[name].customer.dials;

/** Asks something while nobody can read who calls whom, for a time. */
async function whileKept<T>(ask: () => Promise<T>): Promise<T> {
  await keeper.query('BEGIN');
  await keeper.query('LOCK TABLE assignments, interactions, recent_tries IN ACCESS EXCLUSIVE MODE');
  const asked = ask();
  await Promise.race([asked, sleep(KEPT_MS)]);
  await keeper.query('COMMIT');
  return asked;
}

const reasonOf = async (callSid: string): Promise<string | undefined> => {
  const find = async () =>
    app.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [callSid]);
  await eventually(async () => (await find()).length > 0);
  const [row] = await find();
  return row.reason;
};

it.each(['plain', 'capped', 'never alone', 'with a short rest'])(
  'a database that is slow for a moment loses no call in a pool that is %s',
  async (pool) => {
    const { rings } = await whileKept(() => app.call(customer, dials(pool)));
    expect(rings).toEqual([agent]);
  },
);

it('it loses no call with a PIN, from the question to the connection', async () => {
  const { callSid } = await whileKept(() => app.call(customer, dials('with PINs')));
  const branch = await whileKept(() => app.exotel('GET', 'reason', { CallSid: callSid }));
  expect(branch.body).toEqual({ select: 'pin' });
  const path = `/v1/orders/${orders['with PINs'].reference}/participants/customer/pin`;
  const { pin } = (await app.api('GET', path)).body;
  const call = { CallSid: callSid, CallFrom: customer, From: customer, To: dials('with PINs'), digits: `"${pin}"` };
  const { body } = await whileKept(() => app.exotel('GET', 'connect-pin', { ...call, CallTo: call.To }));
  expect(body.destination.numbers).toEqual([agent]);
});

it('it tells strangers what they are told otherwise', async () => {
  const { rings, callSid } = await whileKept(() => app.call(stranger, dials('plain')));
  expect([rings, await reasonOf(callSid)]).toEqual([[], 'UNKNOWN_CALLER']);
});
