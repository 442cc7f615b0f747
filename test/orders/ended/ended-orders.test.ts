import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { TABLES_OF_ORDERS } from '../../../src/orders/ended/tables-of-orders.js';
import { monthOf, monthsBefore } from '../../../src/platform/retention/monthly-partitions.js';
import { RetentionService } from '../../../src/platform/retention/retention.service.js';
import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { CallsOfNoOrder } from '../../../src/telephony/interactions/calls-of-no-order.service.js';
import { SettledEvents } from '../../../src/orders/intake/settled-events.service.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';

let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start({ keptMonths: { orders: 2, orderEvents: 2, interactions: 2, history: 2 } });
  pool = await maskline.pool({ recordCalls: true }, numbers(8));
});
afterAll(async () => maskline?.stop());

const ended = () => maskline.get(EndedOrdersService);
const isMoved = async (reference: string) => (await maskline.count('ended_orders', `reference = '${reference}'`)) === 1;

/** A call that was connected and whose end was reported. @returns its id */
async function aCall(order: Body, from: string): Promise<string> {
  const { callSid, rings } = await maskline.call(from, order.customer.dials);
  expect(rings).toHaveLength(1);
  await report(callSid, '60');
  return callSid;
}

const report = (callSid: string, seconds: string) =>
  maskline.exotel('GET', 'passthru/answered', {
    CallSid: callSid,
    CallType: 'completed',
    DialCallStatus: 'completed',
    DialCallDuration: seconds,
    RecordingUrl: `${maskline.exchange.url}/recordings/acme1/${callSid}.mp3`,
  });

async function anEndedOrder(reference: string): Promise<{ order: Body; customer: string; callSid: string }> {
  const customer = aPhone();
  const order = await maskline.order(reference, customer, aPhone(), { pool });
  const callSid = await aCall(order, customer);
  maskline.clock.push({ seconds: 30 });
  await maskline.api('POST', `/v1/orders/${reference}/complete`);
  await maskline.pass({ hours: 1 });
  return { order, customer, callSid };
}

const afterQuarantine = async () => maskline.pass({ hours: 25 });

/** Everything that the API tells about an order. */
const told = async (reference: string, { customer, number, at }: { customer: string; number: string; at: Date }) => ({
  order: (await maskline.api('GET', `/v1/orders/${reference}`)).body,
  events: (await maskline.api('GET', `/v1/orders/${reference}/events`)).body,
  interactions: (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body,
  listed: (await maskline.api('GET', '/v1/orders?limit=2')).body,
  ofEnded: (await maskline.api('GET', '/v1/orders?status=ended&limit=2')).body,
  feed: (await maskline.api('GET', '/v1/order-events?limit=100')).body,
  served: (await maskline.api('GET', `/v1/numbers/${number}/served?at=${at.toISOString()}`)).body,
  explained: (await maskline.api('POST', '/v1/routing/explain', { from: customer, to: number, at: at.toISOString() }))
    .body,
  completed: (await maskline.api('POST', `/v1/orders/${reference}/complete`)).body,
  assigned: (await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: aPhone() })).body.type,
  reopened: (await maskline.api('POST', `/v1/orders/${reference}/reopen`)).body.type,
  placed: (await maskline.api('POST', '/v1/orders', { reference, pool, customer: { phone: aPhone() } })).body.type,
});

it('answers about an order as before once it is moved, at every endpoint', async () => {
  const { order, customer } = await anEndedOrder('as-before');
  const during = new Date(maskline.clock.now().getTime() - 3_600_000 - 20_000);
  await maskline.order('still-open', aPhone(), undefined, { pool });
  await afterQuarantine();
  const asked = { customer, number: order.customer.dials, at: during };
  const before = await told('as-before', asked);
  expect(before.order.status).toBe('ended');
  expect(before.explained).toMatchObject({ decision: 'unknown', forgotten: [{ reference: 'as-before' }] });
  expect(before.served.served).toMatchObject([{ reference: 'as-before' }]);
  expect(before.interactions.interactions).toMatchObject([{ talkSeconds: 60, recorded: true }]);
  maskline.clock.push({ minutes: 2 });
  expect(await ended().moveWhatIsOver()).toBe(1);
  for (const { table, goes } of TABLES_OF_ORDERS) {
    if (goes === 'moved' && table !== 'outgoing_calls')
      expect(await maskline.count(`ended_${table}`)).toBeGreaterThan(0);
  }
  expect(await maskline.count('orders')).toBe(1);
  expect(await told('as-before', asked)).toEqual(before);
  expect(await maskline.count('orders', `reference = 'as-before'`)).toBe(0); // it was not placed again
});

it('leaves an order where it is while something of it is still to be done', async () => {
  const customer = aPhone();
  const order = await maskline.order('unsettled', customer, aPhone(), { pool });
  const { callSid } = await maskline.call(customer, order.customer.dials);
  await maskline.api('POST', '/v1/orders/unsettled/complete');
  await maskline.pass({ hours: 1 });
  await maskline.pass({ hours: 26 });
  await ended().moveWhatIsOver();
  expect(await isMoved('unsettled')).toBe(false); // the call's end is not known
  await report(callSid, '60');
  maskline.clock.push({ minutes: 11 });
  await ended().moveWhatIsOver();
  expect(await isMoved('unsettled')).toBe(true);
});

it('records what is reported about a call after its order was moved', async () => {
  const { callSid } = await anEndedOrder('late-report');
  await afterQuarantine();
  await maskline.dataSource.query(`UPDATE interactions SET recording = NULL WHERE provider_call_id = $1`, [callSid]);
  maskline.clock.push({ minutes: 2 });
  await ended().moveWhatIsOver();
  await report(callSid, '61');
  const { interactions } = (await maskline.api('GET', '/v1/orders/late-report/interactions')).body;
  expect(interactions).toMatchObject([{ talkSeconds: 61, recorded: true }]);
  expect(await maskline.count('interactions', `provider_call_id = '${callSid}'`)).toBe(0);
});

it('places a reference again as a new order only after the month of the ended one was dropped', async () => {
  await anEndedOrder('again');
  await afterQuarantine();
  maskline.clock.push({ minutes: 2 });
  await ended().moveWhatIsOver();
  const place = async () =>
    (await maskline.api('POST', '/v1/orders', { reference: 'again', pool, customer: { phone: aPhone() } })).status;
  expect(await place()).toBe(409);
  maskline.clock.push({ days: 100 });
  const retention = maskline.get(RetentionService);
  expect((await maskline.api('GET', '/health/ready')).body.checks.retention).not.toBe('up');
  await retention.createMonths();
  const dropped = await retention.dropMonths();
  expect(dropped).toContain('ended_orders_2026_11');
  expect(await retention.dropMonths()).toEqual([]);
  expect((await maskline.api('GET', '/v1/orders/as-before')).status).toBe(404);
  expect(await place()).toBe(201);
});

it('knows a call in quarantine that came in the month after the order ended', async () => {
  const now = maskline.clock.now();
  const next = monthsBefore(monthOf(now), -1);
  maskline.clock.push({ seconds: (next.getTime() - now.getTime()) / 1_000 - 2 * 3_600 });
  const { order, customer } = await anEndedOrder('across-months');
  await maskline.pass({ hours: 2 });
  expect((await maskline.call(customer, order.customer.dials)).rings).toEqual([]);
  const calls = async () => (await maskline.api('GET', '/v1/orders/across-months/interactions')).body.interactions;
  const before = await calls();
  expect(before).toMatchObject([{ reason: 'CONNECTED' }, { reason: 'ORDER_ENDED' }]);
  await afterQuarantine();
  maskline.clock.push({ hours: 4 });
  await maskline.get(RepeatSecrets).deleteOld();
  await maskline.get(RetentionService).createMonths();
  await ended().moveWhatIsOver();
  expect(await isMoved('across-months')).toBe(true);
  expect(
    await maskline.count('ended_interactions', `over_at >= '${next.toISOString()}' AND order_id IS NOT NULL`),
  ).toBe(1);
  expect(await calls()).toEqual(before);
  const [first] = before;
  const recording = `/v1/orders/across-months/interactions/${first.provider}/${first.providerCallId}/recording`;
  // The exchange has no such file, but Maskline still had its link.
  expect((await maskline.api('GET', recording)).body.type).toBe('/problems/recording-unavailable');
});

it('moves calls of nobody and settled events, and still knows the events', async () => {
  const { callSid } = await maskline.call(aPhone(), '+918047199999');
  await maskline.get(RepeatSecrets).deleteOld();
  const event = { specversion: '1.0', source: '/orders', id: 'known-before', type: 'order.placed' };
  const send = async () =>
    (await maskline.api('POST', '/v1/events', [{ ...event, data: { reference: 'by-event' } }])).body;
  expect(await send()).toMatchObject({ received: 1, repeated: 0 });
  const rejected = (await maskline.api('GET', '/v1/events/rejected')).body;
  expect(rejected.events).toHaveLength(1);
  maskline.clock.push({ hours: 25 });
  await maskline.get(RepeatSecrets).deleteOld();
  expect(await maskline.get(CallsOfNoOrder).move()).toBeGreaterThan(0);
  expect(await maskline.get(SettledEvents).move()).toBe(1);
  expect(await maskline.count('ended_interactions', `provider_call_id = '${callSid}' AND over_at = at`)).toBe(1);
  expect(await maskline.count('incoming_events')).toBe(0);
  expect((await maskline.api('GET', '/v1/events/rejected')).body).toEqual(rejected);
  expect(await send()).toMatchObject({ received: 1, repeated: 1 });
});

it('moves each order once, and loses none, when several processes do it while the references are placed again', async () => {
  const references = Array.from({ length: 30 }, (_, index) => `many-${index}`);
  const many = await maskline.pool({ recordCalls: true }, numbers(60));
  for (const reference of references) {
    await maskline.order(reference, aPhone(), aPhone(), { pool: many });
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
  }
  await maskline.pass({ hours: 25 });
  maskline.clock.push({ minutes: 2 });
  const moving = [1, 2, 3].map(() => ended().moveWhatIsOver());
  const placing = references.map((reference) =>
    maskline.api('POST', '/v1/orders', { reference, pool: many, customer: { phone: aPhone() } }),
  );
  await Promise.all(moving);
  expect(new Set((await Promise.all(placing)).map(({ status }) => status))).toEqual(new Set([409]));
  await ended().moveWhatIsOver(); // those that a placement had locked
  expect(await maskline.count('ended_orders', `reference LIKE 'many-%'`)).toBe(30);
  expect(await maskline.count('orders', `reference LIKE 'many-%'`)).toBe(0);
});

it('keeps the columns of live and ended tables the same, in the same sequence', async () => {
  const columnsOf = async (table: string) =>
    (
      await maskline.dataSource.query(
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
        [table],
      )
    ).map(({ name, type }: { name: string; type: string }) => `${name} ${type}`);
  const live = [
    'orders',
    'incoming_events',
    ...TABLES_OF_ORDERS.flatMap(({ table, goes }) => (goes === 'moved' ? [table] : [])),
  ];
  for (const table of live) {
    const columns = ['over_at timestamp with time zone', ...(await columnsOf(table))];
    expect(await columnsOf(`ended_${table}`)).toEqual(columns);
    expect(await columnsOf(`all_${table}`)).toEqual(columns);
  }
});
