import { randomUUID } from 'node:crypto';

import { escapeLiteral } from 'pg';

import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { OrderEventFeedService } from '../../../src/orders/feed/order-event-feed.service.js';
import { KEPT_KINDS, type KeptKind } from '../../../src/platform/retention/kept-kinds.js';
import { makeMonths, monthOf, monthsBefore } from '../../../src/platform/retention/monthly-partitions.js';
import { placeCursor } from '../../../src/platform/http/cursor-page.js';
import { API_KEY, aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { SentStatements, type Sent } from '../../support/sent-statements.js';

const TABLES = Object.values<KeptKind>(KEPT_KINDS).flatMap(({ byMonth = [] }) => byMonth);
const MONTHS = 12;
/** By then, PostgreSQL has planned a statement for its values as often as it does, and has chosen a plan for all values. */
const TIMES = 8;

let maskline: TestApp;
let sent: SentStatements;
let customer: string;
let order: Body;
let callSid: string;
let sharedNumber: string;
let former: { customer: string; order: Body; at: Date };

beforeAll(async () => {
  sent = new SentStatements();
  // Queues in PostgreSQL would add their own statements.
  maskline = await TestApp.start({ redisUrl: process.env['TEST_REDIS_URL'] || null });
  const pool = await maskline.pool({ maxCallsPerHour: 5 }, numbers(4));
  const month = monthOf(maskline.clock.now());
  const months = Array.from({ length: MONTHS }, (_, index) => monthsBefore(month, index - 2));
  await makeMonths(maskline.dataSource.manager, TABLES, months);
  former = { customer: aPhone(), order: null, at: new Date() };
  former.order = await maskline.order('former', former.customer, aPhone(), { pool });
  former.at = maskline.clock.now();
  maskline.clock.push({ minutes: 1 });
  await maskline.api('POST', '/v1/orders/former/cancel');
  await maskline.pass({ hours: 25 });
  maskline.clock.push({ minutes: 2 });
  await maskline.get(EndedOrdersService).moveWhatIsOver();
  maskline.clock.push({ days: 40 });
  customer = aPhone();
  order = await maskline.order('present', customer, aPhone(), { pool });
  const shared = await maskline.pool({ capacity: 10 }, numbers(1));
  for (const reference of ['shared-1', 'shared-2', 'shared-3'])
    sharedNumber = (await maskline.order(reference, aPhone(), aPhone(), { pool: shared })).customer.dials;
  callSid = (await maskline.call(customer, order.customer.dials)).callSid;
  maskline.clock.push({ hours: 1 });
});
afterAll(async () => {
  await maskline?.stop();
  vi.restoreAllMocks();
});

const halfAnHourAgo = () => new Date(maskline.clock.now().getTime() - 30 * 60_000).toISOString();
const explain = async (from: string, to: string, at?: string) =>
  (await maskline.api('POST', '/v1/routing/explain', { from, to, at })).body;
const served = async (number: string, at: string) =>
  (await maskline.api('GET', `/v1/numbers/${number}/served?at=${at}`)).body.served;

const search = async (asked: Body, query = '') => (await maskline.api('POST', `/v1/search${query}`, asked)).body;

const REQUESTS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['an explanation of now', async () => explain(customer, order.customer.dials)],
  ['an explanation of a stranger now', async () => explain(aPhone(), order.customer.dials)],
  ['an explanation of half an hour ago', async () => explain(customer, order.customer.dials, halfAnHourAgo())],
  [
    'an explanation of a stranger half an hour ago',
    async () => explain(aPhone(), order.customer.dials, halfAnHourAgo()),
  ],
  ['served, half an hour ago', async () => served(order.customer.dials, halfAnHourAgo())],
  [
    'every call of an order',
    async () => (await maskline.api('POST', '/v1/routing/explain', { reference: 'present' })).body,
  ],
  ['a search by phone', async () => search({ phone: customer })],
  ['a search by reference', async () => search({ reference: 'present' })],
  ['a search by number', async () => search({ number: sharedNumber }, '?limit=1')],
  ['a search by the id of a call', async () => search({ providerCallId: callSid })],
  ['events that are new', async () => maskline.get(OrderEventFeedService).after(await lastButOne(), 100)],
  [
    'events of some types that are new',
    async () => maskline.get(OrderEventFeedService).page(await lastButOne(), 100, ['order.placed', 'call.decided']),
  ],
  ['an order', async () => maskline.api('GET', '/v1/orders/present')],
];

/** Or PostgreSQL would plan the statement anew each time, where the months are full. */
const PLANNED_ONCE = { name: expect.any(String), plan: 'once' };

it.each(REQUESTS)('leaves aside the months that cannot matter, for %s', async (_, request) => {
  await request(); // whatever is read once
  sent.forget();
  await request();
  const read = sent.all.filter(({ text }) => /^\s*(SELECT|WITH)\b/i.test(text));
  expect(read.length).toBeGreaterThan(0);
  const present = monthOf(maskline.clock.now()).toISOString().slice(0, 7).replace('-', '_');
  const before: string[] = [];
  for (const statement of read) {
    for (const plans of ['force_custom_plan', 'force_generic_plan']) {
      const months = await monthsIn(statement, plans);
      if (months.length > 0) expect(statement).toMatchObject(PLANNED_ONCE);
      before.push(...months.filter((month) => month.slice(-7) < present).map((month) => `${statement.name}: ${month}`));
    }
  }
  expect(before).toEqual([]);
});

/** Of an order that ended in an earlier month, by its reference. */
const OF_ENDED: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['an order', async () => maskline.api('GET', '/v1/orders/former')],
  ['its events', async () => maskline.api('GET', '/v1/orders/former/events')],
  ['its calls', async () => maskline.api('GET', '/v1/orders/former/interactions')],
  ['its further calls', async () => maskline.api('GET', `/v1/orders/former/interactions?cursor=${aCursor()}`)],
  ['its kept texts', async () => maskline.api('GET', '/v1/orders/former/texts')],
  ['a recording', async () => maskline.api('GET', '/v1/orders/former/interactions/exotel/unknown/recording')],
  ['an ordered call', async () => maskline.api('GET', `/v1/orders/former/calls/${randomUUID()}`)],
  [
    'an ordered call that is repeated',
    async () => maskline.request('POST', '/v1/orders/former/calls', aKey(), { from: 'customer' }),
  ],
  [
    'every call of it',
    async () => (await maskline.api('POST', '/v1/routing/explain', { reference: 'former', role: 'agent' })).body,
  ],
];
/** Until it is found, nobody knows the month of an order. */
const SEARCHING_ALL = ['find-ended-order-by-reference'];

const aCursor = () => placeCursor({ at: former.at, id: '1' });
const aKey = () => ({ authorization: `Bearer ${API_KEY}`, 'idempotency-key': randomUUID() });

it.each(OF_ENDED)(
  'reads only the month in which an order ended and the one of its quarantine, for %s',
  async (_, ask) => {
    sent.forget();
    await ask();
    const ended = monthOf(former.at);
    const known = [ended, monthsBefore(ended, -1)].map((month) => month.toISOString().slice(0, 7).replace('-', '_'));
    const others: string[] = [];
    for (const statement of sent.all.filter(({ text }) => /^\s*(SELECT|WITH)\b/i.test(text))) {
      if (SEARCHING_ALL.includes(statement.name ?? '')) continue;
      for (const plans of ['force_custom_plan', 'force_generic_plan']) {
        const months = await monthsIn(statement, plans);
        if (months.length > 0) expect(statement).toMatchObject(PLANNED_ONCE);
        others.push(
          ...months.filter((month) => !known.includes(month.slice(-7))).map((month) => `${statement.name}: ${month}`),
        );
      }
    }
    expect(sent.all.some(({ name }) => SEARCHING_ALL.includes(name ?? ''))).toBe(true);
    expect(others).toEqual([]);
  },
);

it('plans none of these statements anew each time', async () => {
  const connection = maskline.dataSource.createQueryRunner();
  try {
    for (const [, request] of [...REQUESTS.slice(0, 10), ...OF_ENDED]) {
      sent.forget();
      await request();
      for (const { name, text, values = [] } of sent.all.filter((one) => one.name && (one.values?.length ?? 0) > 0)) {
        await connection.query(`PREPARE one AS ${text}`);
        const execute = `EXECUTE one ${listOf(values)}`;
        for (let times = 0; times < TIMES; times += 1) await connection.query(execute);
        const [plans] = await connection.query(
          `SELECT generic_plans::integer AS generic FROM pg_prepared_statements WHERE name = 'one'`,
        );
        expect({ name, ...plans }).toEqual({ name, generic: TIMES - 5 });
        await connection.query('DEALLOCATE one');
      }
    }
  } finally {
    await connection.release();
  }
});

it('reads the months for events that have been moved to them, and only then', async () => {
  const feed = maskline.get(OrderEventFeedService);
  const end = await feed.placeAll();
  const everything = await feed.page('0', 100, ['order.placed', 'order.cancelled']);
  const ofTheTwo = everything.events.filter(({ subject }) => ['former', 'present'].includes(subject));
  expect(ofTheTwo.map(({ subject, type }) => [subject, type])).toEqual([
    ['former', 'order.placed'],
    ['former', 'order.cancelled'],
    ['present', 'order.placed'],
  ]);
  expect(everything.next).toBe(end);
  sent.forget();
  expect((await feed.page(end, 100, null)).events).toEqual([]);
  expect((await feed.page(await lastButOne(), 100, ['order.expired'])).events).toEqual([]);
  expect(sent.all.some(({ text }) => text.includes('all_order_events'))).toBe(false);
});

it('finds what was archived since the months were looked at, and what lies in an earlier month', async () => {
  const number = former.order.customer.dials;
  const at = former.at.toISOString();
  expect(await served(number, at)).toMatchObject([{ reference: 'former', dialler: 'customer' }]);
  expect(await explain(former.customer, number, at)).toMatchObject({
    decision: 'unknown',
    forgotten: [{ reference: 'former' }],
  });
  const now = halfAnHourAgo();
  expect(await served(order.customer.dials, now)).toMatchObject([{ reference: 'present', dialler: 'customer' }]);
  await maskline.api('POST', '/v1/orders/present/cancel');
  await maskline.pass({ hours: 25 });
  expect(await maskline.count('assignments', `virtual_number <> '${sharedNumber}'`)).toBe(0);
  expect(await served(order.customer.dials, now)).toMatchObject([{ reference: 'present', dialler: 'customer' }]);
  expect(await explain(customer, order.customer.dials, now)).toMatchObject({ forgotten: [{ reference: 'present' }] });
});

async function lastButOne(): Promise<string> {
  return String(BigInt(await maskline.get(OrderEventFeedService).placeAll()) - 1n);
}

/** The months that the plan of a statement would read. */
async function monthsIn({ text, values = [] }: Sent, plans: string): Promise<string[]> {
  return maskline.dataSource.transaction(async (tx) => {
    await tx.query(`SET LOCAL plan_cache_mode = ${plans}`);
    await tx.query(`PREPARE one AS ${text}`);
    const [row] = await tx.query(`EXPLAIN (FORMAT JSON) EXECUTE one ${listOf(values)}`);
    await tx.query('DEALLOCATE one');
    return relationsOf(row['QUERY PLAN'][0].Plan).filter((name) => /_\d{4}_\d{2}$/.test(name));
  });
}

function relationsOf(plan: Body): string[] {
  return [...(plan['Relation Name'] ? [plan['Relation Name']] : []), ...(plan.Plans ?? []).flatMap(relationsOf)];
}

function listOf(values: readonly unknown[]): string {
  return values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
}

/** A value as a literal of SQL, in the form in which pg would send it. */
function literal(value: unknown): string {
  const sentAs = plain(value);
  return sentAs === null ? 'NULL' : escapeLiteral(sentAs);
}

function plain(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((one) => (one === null ? 'NULL' : JSON.stringify(plain(one)))).join(',')}}`;
}
