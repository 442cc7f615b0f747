import { randomUUID } from 'node:crypto';

import { OrderIntakeService } from '../../../src/orders/intake/order-intake.service.js';
import { WebhookDeliveryService } from '../../../src/orders/webhooks/webhook-delivery.service.js';
import { aPhone, type Body, type TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import type { WebhookReceiver } from '../../support/webhook-receiver.js';
import type { CatchingUpClock } from './catching-up-clock.js';

/** How long ago the day begins. */
export const DAY_MINUTES = 240;

/** The order whose page is shown, and its people. */
export const ORDER = 'BLR-20417';
export const CUSTOMER = '+919000900001';
const AGENT = '+919000900002';
export const STRANGER = '+919000900099';

const PATIENCE_MS = 60_000;

const EVERYTHING = [
  ...['orders:write', 'orders:read', 'support', 'operate'],
  ...['events', 'metrics', 'audit', 'keys'],
];

export interface BusyDay {
  /** The key of the person who looks at the console. */
  readonly key: string;
  /** The number that the customer of the shown order dials. */
  readonly dialled: string;
  readonly endpoint: string;
}

interface Parts {
  readonly app: TestApp;
  readonly clock: CatchingUpClock;
  readonly orderSystem: WebhookReceiver;
  readonly warehouse: WebhookReceiver;
}

/** Hours of an installation in two countries, by its API. The clock of the application is pushed to the present. */
export async function busyDay({ app, clock, orderSystem, warehouse }: Parts): Promise<BusyDay> {
  const did = async <Of = Body>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET',
    path: string,
    body?: object,
  ): Promise<Of> => {
    const answer = await app.api<Of>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.body;
  };
  const aKey = async (name: string, scopes: readonly string[], more: object = {}): Promise<Body> =>
    did('POST', '/v1/keys', { name, scopes, ...more });
  const as = async (key: string, method: string, path: string, body?: object) =>
    app.request(method, path, { authorization: `Bearer ${key}` }, body);
  const call = async (from: string, to: string, more: object = {}) => app.place({ from, to, ...more });
  const deliver = async () => {
    await app.get(WebhookDeliveryService).begin();
    await app.get(WebhookDeliveryService).settled();
  };

  // Who works with it.
  const { key } = await aKey('Priya, operations', EVERYTHING);
  const shop = await aKey('Order system', ['orders:write', 'orders:read', 'events']);
  const probe = await aKey('Monitoring', ['metrics']);
  const old = await aKey('Order system, trial', ['orders:write'], {
    expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
  });

  // Whom it tells.
  const endpoint = await did('POST', '/v1/webhook-endpoints', {
    url: orderSystem.url.replace('/hooks', '/maskline'),
    description: 'Order system',
    types: ['order.*', 'call.missed'],
  });
  await did('POST', '/v1/webhook-endpoints', {
    url: warehouse.url.replace('/hooks', '/calls'),
    description: 'Data warehouse',
    types: ['call.*'],
  });

  // Where it has numbers.
  const money = { currency: 'INR', maxSpendPerDay: 12_000, maxRent: 500 };
  await app.pool({ name: 'bengaluru', region: 'KA', capacity: 10, lowWater: 8, target: 12, maxNumbers: 40, ...money });
  await app.pool({ name: 'mumbai', region: 'MH', capacity: 10, lowWater: 6, target: 10, buying: 'off' });
  await app.pool({
    ...{ name: 'new-york', country: 'US', provider: 'twilio', texts: 'redacted', capacity: 5 },
    ...{ lowWater: 3, target: 5, maxNumbers: 20, pin: 'unknown-callers' },
  });
  await pastWeeks(app, 'bengaluru');
  const inMumbai = ['+912268000001', '+912268000002'];
  await did('POST', '/v1/numbers/import', { pool: 'mumbai', numbers: inMumbai.map((one) => ({ number: one })) });
  for (const one of inMumbai) await did('POST', `/v1/numbers/${one}/drain`);
  await faultOfTheProvider(app, [{ api: 'buy', kind: 'refuse', times: 1 }]);
  const isReady = async (pool: string) => {
    const { level, target } = await did('GET', `/v1/pools/${pool}`);
    return level.assignable >= target;
  };
  for (const pool of ['bengaluru', 'new-york']) await eventually(() => isReady(pool), PATIENCE_MS);
  const helpDesk = await aKey('Help desk, Bengaluru', ['orders:read', 'orders:write', 'support'], {
    pools: ['bengaluru'],
  });
  const night = await aKey('Help desk, night', ['orders:read', 'support']);

  // Orders of the morning.
  app.clock.push({ minutes: 90 });
  let number = 20_400;
  const people = new Map<string, { customer: string; agent: string; order: Body }>();
  const over: { customer: string; order: Body }[] = [];
  const anOrder = async (pool: string, prefix: string, customer = aPhone(), agent = aPhone()): Promise<Body> => {
    const reference = `${prefix}-${(number += 1)}`;
    const order = await app.order(reference, customer, agent, { pool });
    people.set(reference, { customer, agent, order });
    return order;
  };
  for (let one = 0; one < 10; one += 1) {
    const { reference, customer } = await anOrder('bengaluru', 'BLR');
    const { customer: phone } = people.get(reference)!;
    await call(phone, customer.dials, { talkSeconds: 40 + 13 * one });
    app.clock.push({ minutes: 1 });
    if (one % 3 > 0) continue;
    await did('POST', `/v1/orders/${reference}/complete`);
    over.push(people.get(reference)!);
    people.delete(reference);
  }
  await deliver();
  for (let one = 0; one < 3; one += 1) {
    await anOrder('new-york', 'NYC', `+1202555010${one}`, `+1202555011${one}`);
    app.clock.push({ minutes: 2 });
  }
  await deliver();

  // The order that is shown.
  number = 20_416;
  await anOrder('bengaluru', 'BLR', CUSTOMER, '+919000900003');
  await did('PATCH', `/v1/orders/${ORDER}/participants/agent`, { phone: AGENT });
  const shown = await did('GET', `/v1/orders/${ORDER}`);
  const [dialled, agentDials] = [shown.customer.dials, shown.agent.dials];
  app.clock.push({ minutes: 6 });
  await call(CUSTOMER, dialled, { callee: 'no-answer' });
  app.clock.push({ minutes: 3 });
  await call(AGENT, agentDials, { talkSeconds: 84 });
  app.clock.push({ minutes: 11 });
  await call(STRANGER, dialled);
  app.clock.push({ minutes: 2 });
  await call(CUSTOMER, dialled, { callee: 'busy' });
  app.clock.push({ minutes: 1 });
  await app.request('POST', `/v1/orders/${ORDER}/calls`, callHeaders(shop.key), { from: 'customer' });
  await did('POST', `/v1/orders/${ORDER}/participants/customer/phones`, { phone: '+919000900004' });
  app.clock.push({ minutes: 4 });
  await anOrder('bengaluru', 'BLR', CUSTOMER, aPhone());

  // What support, the order system and others did.
  await as(helpDesk.key, 'POST', '/v1/search', { phone: CUSTOMER });
  await as(helpDesk.key, 'POST', '/v1/routing/explain', { from: STRANGER, to: dialled });
  await as(helpDesk.key, 'GET', '/v1/pools');
  await as(night.key, 'POST', '/v1/search', { number: dialled });
  await as(night.key, 'GET', `/v1/orders/${ORDER}/participants/customer/pin`);
  await as(night.key, 'POST', `/v1/orders/${ORDER}/complete`);
  await did('PATCH', '/v1/pools/bengaluru', { capacity: 12, maxCallSeconds: 1800 });
  await did('POST', `/v1/keys/${probe.id}/rotate`);
  await did('DELETE', `/v1/keys/${old.id}`);
  app.clock.push({ minutes: 5 });
  await fromTheOrderSystem(app, shop.key);

  // Orders that wait, and calls of the last quarter of an hour.
  app.clock.push({ minutes: 25 });
  for (let one = 0; one < 3; one += 1) await anOrder('mumbai', 'BOM');
  app.clock.push({ minutes: clock.minutesBehind - CALLS_BY_MINUTE.length });
  const active = [...people.values()].filter(({ order }) => order.reference?.startsWith('BLR'));
  const [ended] = over;
  for (const [minute, calls] of CALLS_BY_MINUTE.entries()) {
    app.clock.push({ minutes: 1 });
    for (let one = 0; one < calls; one += 1) {
      const who = active[(minute * 3 + one) % active.length]!;
      const stranger = (minute + one) % 7 === 3;
      const callee = (minute + one) % 4 === 1 ? 'no-answer' : 'answer';
      await call(stranger ? STRANGER : who.customer, who.order.customer.dials, { callee, talkSeconds: 20 + 31 * one });
    }
    if (minute % 5 === 4) await call(ended!.customer, ended!.order.customer.dials);
    await deliver();
  }
  warehouse.answer = 500;
  warehouse.body = 'no space left on device';
  await deliver();
  await app.get(OrderIntakeService).applyStored();
  await deliver();
  orderSystem.answer = 503;
  orderSystem.body = 'upstream connect error or disconnect/reset before headers';
  const test = async () => did('POST', `/v1/webhook-endpoints/${endpoint.id}/test`);
  await test();
  orderSystem.answer = 204;
  orderSystem.body = '';
  await test();
  await eventually(
    () =>
      app.replenish('bengaluru').then(
        () => true,
        () => false, // it is under way
      ),
    PATIENCE_MS,
  );
  return { key, dialled, endpoint: endpoint.id };
}

const CALLS_BY_MINUTE = [3, 1, 2, 3, 1, 4, 2, 5, 3, 2, 4, 6, 3, 2, 4, 3, 2];

const callHeaders = (key: string) => ({ authorization: `Bearer ${key}`, 'idempotency-key': randomUUID() });

/** Orders of three weeks, more in the evening than at night, as if they had been placed. */
async function pastWeeks(app: TestApp, pool: string): Promise<void> {
  await app.dataSource.query(
    `INSERT INTO orders (reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                         quarantine_seconds, placed_at, active_at, closed_at, connects_until, ended_because)
     SELECT 'past-' || gen_random_uuid(), pools.id, 'ended', 86400, 1800, 0, 86400, at, at, at + interval '50 minutes',
            at + interval '50 minutes', 'completed'
     FROM pools, generate_series($2::timestamptz - interval '21 days', $2::timestamptz, interval '15 minutes') AS quarter (at),
          generate_series(1, 3 + (8 * (1 + sin((extract(hour FROM at) + extract(minute FROM at) / 60 - 9) * pi() / 12)))::integer)
     WHERE pools.name = $1`,
    [pool, app.clock.now()],
  );
}

async function faultOfTheProvider(app: TestApp, faults: readonly object[]): Promise<void> {
  await fetch(`${app.exchange.url}/exchange/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
}

/** Events of the order system, some of which cannot be applied. */
async function fromTheOrderSystem(app: TestApp, key: string): Promise<void> {
  const event = (type: string, data: object) => ({
    specversion: '1.0',
    type,
    source: '/shop/orders',
    id: randomUUID(),
    datacontenttype: 'application/json',
    time: app.clock.now().toISOString(),
    data,
  });
  const batch = [
    event('order.placed', { reference: 'BLR-20460', pool: 'bengaluru', customer: { phone: '12' } }),
    event('order.placed', { reference: 'CHN-20461', pool: 'chennai', customer: { phone: aPhone() } }),
    event('order.agent-assigned', { reference: 'BLR-19977', agent: { phone: aPhone() } }),
    event('order.archived', { reference: 'BLR-20403' }),
  ];
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents-batch+json' };
  await app.request('POST', '/v1/events', headers, JSON.stringify(batch));
  await app.get(OrderIntakeService).applyStored();
}
