import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { vi } from 'vitest';

import { DatabaseCheck } from '../../../src/platform/database/database-check.js';
import { DecisionRecorder } from '../../../src/telephony/decisions/decision-recorder.js';
import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { DatabaseLine } from '../../support/database-line.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';

vi.setConfig({ testTimeout: 60_000 });

let line: DatabaseLine;
let replicaDir: string;
/** Two processes of one host, and one that keeps its database. */
let one: TestApp;
let another: TestApp;
let whole: TestApp;

const [customer, agent, stranger] = [aPhone(), aPhone(), aPhone()];
const orders: Record<string, Body> = {};

beforeAll(async () => {
  whole = await TestApp.start();
  replicaDir = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
  line = await DatabaseLine.to(whole.database.url);
  const cut = { replicaDir, exchangeUrl: whole.exchange.url, database: { ...whole.database, url: line.url } };
  one = await TestApp.start(cut);
  another = await TestApp.start(cut);
  const policies = {
    plain: {},
    capped: { maxCallsPerHour: 5 },
    'with PINs': { pin: 'always' as const },
    'never alone': { decideWithoutDatabaseSeconds: 0 },
    'with a short rest': { quarantineSeconds: 60 },
  };
  for (const [name, policy] of Object.entries(policies)) {
    const pool = await whole.pool(policy, numbers(2));
    orders[name] = await whole.order(`order ${name}`.replaceAll(' ', '-'), customer, agent, { pool });
  }
  const replica = one.app.get(Replica, { strict: false });
  const since = performance.now();
  await eventually(() => (replica.ageMs() ?? Infinity) < performance.now() - since, 20_000);
  line.silence();
  for (const app of [one, another]) while ((await app.get(DatabaseCheck).look()) === null);
});
afterAll(async () => {
  line?.mend();
  for (const app of [one, another, whole]) await app?.stop();
  line?.close();
  await rm(replicaDir, { recursive: true, force: true });
});

const dials = (name: string): string => orders[name].customer.dials;

/** What the caller hears, after a call that rang nobody. */
async function heard(app: TestApp, callSid: string): Promise<string> {
  return (await app.exotel('GET', 'greeting', { CallSid: callSid })).text;
}

async function recorded(callSid: string): Promise<Body> {
  const [row] = await whole.dataSource.query(
    `SELECT decision, reason, order_id AS "orderId", caller_role AS role, virtual_number AS number, steps, ask_at AS "askAt"
     FROM interactions WHERE provider_call_id = $1`,
    [callSid],
  );
  return row;
}

it('a known caller is connected, and sees the same number as before', async () => {
  const { rings, shows } = await one.call(customer, dials('plain'));
  expect([rings, shows]).toEqual([[agent], orders['plain'].agent.dials]);
});

it.each([
  ['a caller whom the replica does not know', stranger, 'plain'],
  ['a call in a pool that counts calls', customer, 'capped'],
  ['a call that needs a PIN', customer, 'with PINs'],
  ['a call in a pool that is never decided without the database', customer, 'never alone'],
  ['a call in a pool whose quarantine is too short for any copy', customer, 'with a short rest'],
])('%s is refused, and told to try again', async (_, caller, name) => {
  const { callSid, rings } = await one.call(caller, dials(name));
  expect(rings).toEqual([]);
  expect(await heard(one, callSid)).toMatch(/^Because of a disturbance/);
});

it('a PIN is not judged', async () => {
  const query = { CallFrom: stranger, From: stranger, CallTo: dials('with PINs'), To: dials('with PINs') };
  const call = {
    ...query,
    CallSid: 'a'.repeat(32),
    Direction: 'incoming',
    CallType: 'call-attempt',
    digits: '"1234567890"',
  };
  const { body } = await one.exotel('GET', 'connect-pin', call);
  expect(body.destination.numbers).toEqual([]);
  expect(await heard(one, 'a'.repeat(32))).toMatch(/^Because of a disturbance/);
});

it('a repeated request hears the same answer, from every process of the host', async () => {
  const { callSid, rings } = await one.call(customer, dials('plain'));
  expect(rings).toEqual([agent]);
  expect((await another.call(customer, dials('plain'), callSid)).rings).toEqual([agent]);
  expect((await one.call(customer, dials('plain'), callSid)).rings).toEqual([agent]);
  const asked = await another.call(stranger, dials('plain'), callSid); // somebody else uses the call's id
  expect(asked.rings).toEqual([]);
});

it('a client is refused at once, and told when to come again', async () => {
  const asked = performance.now();
  const { status, headers, body } = await one.api('GET', '/v1/orders/order-plain');
  expect([status, headers['retry-after'], body.type]).toEqual([503, '5', '/problems/database-unavailable']);
  expect(performance.now() - asked).toBeLessThan(500);
  expect((await one.request('GET', '/health/ready', {})).body).toMatchObject({ status: 'degraded', works: ['calls'] });
});

it('afterwards, every decision is recorded once as it was answered, and the journal is empty', async () => {
  const connected = await one.call(agent, orders['plain'].agent.dials);
  const refused = await another.call(stranger, dials('plain'));
  const both = await Promise.all([one, another].map((app) => app.call(customer, dials('plain'), 'b'.repeat(32))));
  expect(both.map(({ rings }) => rings)).toEqual([[agent], [agent]]);
  line.mend();
  for (const app of [one, another]) {
    await eventually(async () => (await app.get(DatabaseCheck).look()) === null);
    await app.get(DecisionRecorder).move();
  }
  expect(await recorded(connected.callSid)).toMatchObject({
    decision: 'connect',
    reason: 'CONNECTED',
    orderId: expect.any(String),
    role: 'agent',
    number: orders['plain'].agent.dials,
    steps: { connect: { shownNumber: orders['plain'].customer.dials } },
    askAt: expect.any(Date),
  });
  expect(await recorded(refused.callSid)).toMatchObject({ decision: 'refuse', reason: 'TRY_LATER' });
  expect(await recorded('b'.repeat(32))).toMatchObject({ decision: 'connect' });
  expect((await one.api('GET', '/metrics')).text).toMatch(/^maskline_journal_pending 0$/m);
  // A repeated request is answered as before, now by the database.
  expect((await one.call(agent, orders['plain'].agent.dials, connected.callSid)).rings).toEqual([customer]);
  const { body } = await one.request('GET', '/health/ready', {});
  expect(body.works).toContain('calls');
});
