import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OrderEventDeliveryService } from '../../../src/orders/feed/order-event-delivery.service.js';
import { createDataSource, migrate } from '../../../src/platform/database/data-source.js';
import { OrdersRestorePlan } from '../../../src/orders/restoration/orders-restore-plan.js';
import { RestorePlan } from '../../../src/platform/restoration/restore-plan.js';
import { InteractionEvents } from '../../../src/telephony/announcements/interaction-events.service.js';
import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { API_KEY, aPhone, TestApp, type Answer } from '../../support/app.js';
import { DebianPostgres } from '../../support/debian-postgres.js';
import { eventually } from '../../support/eventually.js';
import { PushableClock } from '../../support/pushable-clock.js';

const DATABASE = 'maskline';
const SECRET = 'whsec_bm90aGluZyBidXQgYSBzZWNyZXQgb2YgdGhlIHRlc3Rz';
const POOL = { capacity: 60, lifetimeSeconds: 3_600, graceSeconds: 60, cancelGraceSeconds: 0, quarantineSeconds: 120 };

interface Drilled {
  readonly reference: string;
  readonly customer: string;
  agent: string;
  customerDials: string;
  agentDials: string;
}

/** An order system that follows the feed and receives the webhook. */
class OrderSystem {
  /** The body of each request by its `webhook-id`. */
  readonly told = new Map<string, string>();
  /** The ids of all events that came with the feed. */
  readonly ids = new Set<string>();
  cursor = '0';

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OrderSystem> {
    const told = new Map<string, string>();
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const id = request.headers['webhook-id'] as string;
        if (told.has(id) && told.get(id) !== body) told.set(`${id} with other events`, body);
        told.set(id, body);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const system = new OrderSystem(server);
    return Object.assign(system, { told });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** @returns the events since the last time */
  async follow(maskline: TestApp): Promise<{ id: string; type: string; subject: string }[]> {
    const { body } = await maskline.api('GET', `/v1/order-events?after=${this.cursor}&limit=1000`);
    this.cursor = body.next;
    for (const { id } of body.events) {
      expect(this.ids.has(id)).toBe(false);
      this.ids.add(id);
    }
    return body.events;
  }

  stop(): void {
    this.server.close();
  }
}

let server: DebianPostgres;
let orderSystem: OrderSystem;
let folder: string;
let clock: PushableClock;
let before: TestApp;
let pool: string;
/** The installation that runs now. */
let maskline: TestApp;
const log: string[] = [];

const start = (exchangeUrl?: string) =>
  TestApp.start({
    clock,
    exchangeUrl,
    database: { url: server.url(DATABASE), drop: async () => undefined },
    orderEvents: { url: orderSystem.url, secret: SECRET },
    replicaDir: join(folder, 'replica'),
    logTo: (line) => log.push(line),
  });

beforeAll(async () => {
  [server, orderSystem] = await Promise.all([DebianPostgres.start(), OrderSystem.start()]);
  folder = await mkdtemp(join(tmpdir(), 'maskline-drill-'));
  clock = new PushableClock();
  await server.administer(`CREATE DATABASE ${DATABASE}`);
  const dataSource = await createDataSource(server.url(DATABASE)).initialize();
  await migrate(dataSource).finally(() => dataSource.destroy());
  maskline = before = await start();
});
afterAll(async () => {
  if (maskline !== before) await maskline?.stop();
  await before?.stop();
  orderSystem?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function place(reference: string, customer = aPhone(), agent = aPhone()): Promise<Drilled> {
  const order = await maskline.order(reference, customer, agent, { pool });
  return {
    ...{ reference, customer, agent },
    customerDials: order.customer.dials,
    agentDials: order.agent.dials,
  };
}

async function rings(phone: string, number: string): Promise<string[]> {
  return (await maskline.call(phone, number)).rings;
}

const names = (kind: string, count: number) => Array.from({ length: count }, (_, at) => `${kind}-${at}`);

async function placeAll(kind: string, count: number): Promise<Drilled[]> {
  const orders: Drilled[] = [];
  for (const reference of names(kind, count)) orders.push(await place(reference));
  return orders;
}

/** Who is rung, by everybody who may have the number of an order on their screen. */
async function rungBy(orders: readonly Drilled[]): Promise<string[]> {
  const rung: string[] = [];
  for (const { customer, agent, customerDials, agentDials } of orders) {
    rung.push(...(await rings(customer, customerDials)), ...(await rings(agent, agentDials)));
  }
  return rung;
}

async function ourNumbers(): Promise<{ number: string; withheldUntil: string | null }[]> {
  return (await maskline.api('GET', '/v1/numbers')).body.numbers;
}

interface Key {
  readonly id: string;
  readonly key: string;
}

async function makeKey(name: string): Promise<Key> {
  return (await maskline.api('POST', '/v1/keys', { name, scopes: ['orders:read'] })).body;
}

/** A request with a key, or with the cookie of a session. */
async function ask(by: { key: string } | { cookie: string }): Promise<Answer> {
  const headers: Record<string, string> = 'key' in by ? { authorization: `Bearer ${by.key}` } : { cookie: by.cookie };
  return maskline.request('GET', '/v1/orders/stays-0', headers);
}

/** The replica has everything that was committed before. */
async function isReplicated(): Promise<void> {
  const since = performance.now();
  const replica = maskline.app.get(Replica, { strict: false });
  await eventually(() => (replica.ageMs() ?? Infinity) < performance.now() - since);
}

/** A call of each of these orders, at the same step of their lives. @returns the ids of the calls */
async function callEach(orders: readonly Drilled[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { customer, agent, customerDials } of orders) {
    const { callSid, rings } = await maskline.call(customer, customerDials);
    expect(rings).toEqual([agent]);
    ids.push(callSid);
  }
  return ids;
}

/** The ids of the calls that are recorded with an order. */
async function callsOf(reference: string): Promise<string[]> {
  const { interactions } = (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body;
  return interactions.map(({ providerCallId }: { providerCallId: string }) => providerCallId);
}

async function tend(): Promise<void> {
  await maskline.dataSource.transaction((tx) => maskline.get<OrdersRestorePlan>(RestorePlan as never).tend(tx));
}

it('loses nobody and misroutes nobody when its database is restored from a dump', async () => {
  pool = await maskline.pool({ ...POOL, lowWater: 2, target: 2 });
  await maskline.replenish(pool);
  const ends = await placeAll('ends', 12);
  const replaced = await placeAll('replaced', 4);
  const blocked = await placeAll('blocked', 4);
  const stays = await placeAll('stays', 4);
  expect(await rings(stays[0]!.customer, stays[0]!.customerDials)).toEqual([stays[0]!.agent]);
  await orderSystem.follow(maskline);
  await maskline.get(OrderEventDeliveryService).deliver();
  const known = new Set((await ourNumbers()).map(({ number }) => number));
  const keys = { kept: await makeKey('kept'), revoked: await makeKey('revoked'), rotated: await makeKey('rotated') };
  const endpoint = (await maskline.api('POST', '/v1/webhook-endpoints', { url: orderSystem.url })).body.id as string;
  const signedIn = await maskline.request('POST', '/v1/session', {}, { key: keys.kept.key });
  const session = { cookie: String(signedIn.headers['set-cookie']).split(';')[0]! };
  expect([(await ask(keys.kept)).status, (await ask(session)).status]).toEqual([200, 200]);

  // The dump, under load.
  const dump = join(folder, 'maskline.dump');
  let isDumped = false;
  const dumping = server.tool('pg_dump', ['-Fc', '-f', dump, DATABASE]).finally(() => (isDumped = true));
  const meanwhile: Drilled[] = [];
  while (!isDumped) {
    const order = await place(`meanwhile-${meanwhile.length}`);
    meanwhile.push(order);
    expect(await rings(order.customer, order.customerDials)).toEqual([order.agent]);
  }
  await dumping;

  // What the dump does not have.
  for (const { reference } of ends) await maskline.api('POST', `/v1/orders/${reference}/complete`);
  await maskline.pass({ minutes: 2 });
  await maskline.pass({ minutes: 3 });
  const again: Drilled[] = [];
  for (const [at, { customer }] of ends.entries()) again.push(await place(`again-${at}`, customer));
  const reassigned = again.filter(({ customerDials }, at) => customerDials === ends[at]!.customerDials);
  expect(reassigned.length).toBeGreaterThan(0); // pairs of number and caller that the dump knows as another order's
  const successors: string[] = [];
  for (const { reference } of replaced) {
    successors.push(aPhone());
    await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: successors.at(-1)! });
  }
  for (const { reference } of blocked) {
    await maskline.api('POST', `/v1/orders/${reference}/participants/customer/block`);
  }
  await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: 3, target: 3 });
  await maskline.replenish(pool);
  const bought = (await ourNumbers()).map(({ number }) => number).filter((number) => !known.has(number));
  expect(bought).toHaveLength(1);
  await orderSystem.follow(maskline);
  await maskline.get(OrderEventDeliveryService).deliver();
  const [toldBefore, lastId] = [orderSystem.told.size, BigInt(orderSystem.cursor)];
  await maskline.api('DELETE', `/v1/keys/${keys.revoked.id}`);
  await maskline.api('POST', `/v1/keys/${keys.rotated.id}/rotate`, { overlapSeconds: 0 });
  await maskline.api('DELETE', `/v1/webhook-endpoints/${endpoint}`);
  await maskline.request('DELETE', '/v1/session', {
    ...session,
    origin: maskline.url,
    host: new URL(maskline.url).host,
  });

  // An outage, from which the database does not come back: calls are decided without it, and journaled.
  await isReplicated();
  await server.halt();
  const [ofTheDump, ofTheGap] = [await callEach([stays[1]!]), await callEach([again[0]!])];
  await maskline.app.close();
  await server.launch();

  // The restore.
  await server.administer(`DROP DATABASE ${DATABASE}`);
  await server.administer(`CREATE DATABASE ${DATABASE}`);
  await server.tool('pg_restore', ['-d', DATABASE, '--exit-on-error', dump]);
  maskline = await start(before.exchange.url);

  // It is recognised, and everybody is told.
  const { body: found } = await maskline.api('GET', '/v1/restoration');
  expect(found).toMatchObject({ state: 'confirming', recognisedBy: 'rewritten', withheldNumbers: known.size });
  expect(found.unconfirmedOrders).toBeGreaterThanOrEqual(24);
  expect(log.join('')).toContain('"msg":"database was restored"');
  const health = await maskline.request('GET', '/health/ready', {});
  expect([health.status, health.body.status]).toEqual([200, 'degraded']);
  expect(health.body.checks.restoration).toMatch(/must be placed again/);

  // What was taken from somebody in the gap is not given back.
  expect(found).toMatchObject({ unconfirmedKeys: 3, disabledEndpoints: 1 });
  expect(health.body.checks.restoration).toContain('API keys must be confirmed');
  for (const key of Object.values(keys)) {
    const { status, body, headers } = await ask(key);
    expect([status, body.type, headers['retry-after']]).toEqual([503, '/problems/key-unconfirmed', '30']);
  }
  expect((await ask(session)).body.type).toBe('/problems/session-ended');
  const [restored] = (await maskline.api('GET', '/v1/webhook-endpoints')).body.endpoints;
  expect(restored).toMatchObject({ id: endpoint, status: 'disabled', disabledBecause: 'restored' });
  const confirmed = await maskline.api('POST', `/v1/keys/${keys.kept.id}/confirm`);
  expect([confirmed.body.status, (await ask(keys.kept)).status]).toEqual(['active', 200]);
  await maskline.api('DELETE', `/v1/keys/${keys.revoked.id}`);
  const fresh1 = (await maskline.api('POST', `/v1/keys/${keys.rotated.id}/rotate`, { overlapSeconds: 3_600 })).body;
  const asked = [await ask(keys.revoked), await ask(keys.rotated), await ask(fresh1)];
  expect(asked.map(({ status }) => status)).toEqual([401, 401, 200]);
  await maskline.api('DELETE', `/v1/webhook-endpoints/${endpoint}`);
  expect((await maskline.api('GET', '/v1/restoration')).body).toMatchObject({
    unconfirmedKeys: 0,
    disabledEndpoints: 0,
  });

  // No decision of the outage is lost. One about an order of the gap leads to no order.
  await eventually(async () => (await maskline.count('interactions', `provider_call_id = '${ofTheGap[0]}'`)) === 1);
  await eventually(async () => (await callsOf('stays-1')).includes(ofTheDump[0]!));
  const [lost] = await maskline.dataSource.query(
    `SELECT call.decision, EXISTS (SELECT FROM all_orders WHERE id = call.order_id) AS "isKnown"
     FROM interactions AS call WHERE call.provider_call_id = $1`,
    ofTheGap,
  );
  expect(lost).toEqual({ decision: 'connect', isKnown: false });
  await maskline.get(InteractionEvents).announce();
  expect(await maskline.count('interaction_news')).toBe(0);

  // Nobody reaches anybody, from any number that anybody has on the screen.
  expect(await rungBy([...ends, ...replaced, ...blocked, ...stays, ...meanwhile, ...again])).toEqual([]);
  const keyed = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'one' };
  const refused = await maskline.request('POST', '/v1/orders/stays-0/calls', keyed, { from: 'customer' });
  expect([refused.status, refused.body.reason]).toEqual([409, 'ORDER_UNCONFIRMED']);

  // The follower and the receiver hear of every new event, and nothing has the id of another.
  const told = await orderSystem.follow(maskline);
  const news = told.filter(({ type }) => type === 'order.unconfirmed');
  expect(news).toHaveLength(found.unconfirmedOrders);
  expect(told.every(({ id }) => BigInt(id) > lastId)).toBe(true);
  await maskline.get(OrderEventDeliveryService).deliver();
  expect(orderSystem.told.size).toBeGreaterThan(toldBefore);
  expect([...orderSystem.told.keys()].filter((id) => id.includes('other events'))).toEqual([]);

  // No number of the gap is given out, however free it looks.
  const fresh = await maskline.order('fresh-0', aPhone(), aPhone(), { pool });
  expect(fresh.status).toBe('awaiting-numbers');
  await maskline.replenish(pool);
  await maskline.replenish(pool);
  const served = (await maskline.api('GET', '/v1/orders/fresh-0')).body;
  expect(served.status).toBe('active');
  for (const number of bought) known.add(number); // the provider's list has it
  expect([known.has(served.customer.dials), known.has(served.agent.dials)]).toEqual([false, false]);
  for (const { number, withheldUntil } of await ourNumbers()) {
    expect([number, withheldUntil !== null]).toEqual([number, known.has(number)]);
  }

  // The order system places what is open again. A participant alone is not enough.
  for (const { reference, customer, agent, customerDials } of stays) {
    await maskline.api('POST', '/v1/orders', { reference, pool, customer: { phone: customer } });
    expect(await rings(customer, customerDials)).toEqual([]);
    const { body } = await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent });
    expect([body.unconfirmed, body.customer.dials]).toEqual([false, customerDials]);
  }
  expect(await rungBy(stays)).toEqual(stays.flatMap(({ customer, agent }) => [agent, customer]));
  for (const [at, { reference, customer, agent, agentDials }] of replaced.entries()) {
    await maskline.api('POST', '/v1/orders', { reference, pool, customer: { phone: customer } });
    const { body } = await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: successors[at]! });
    expect(body.unconfirmed || known.has(body.agent.dials)).toBe(false);
    expect(await rings(customer, body.customer.dials)).toEqual([successors[at]]);
    expect(await rings(successors[at]!, body.agent.dials)).toEqual([customer]);
    expect(await rings(agent, agentDials)).toEqual([]);
  }
  for (const { reference, customer, agent, customerDials, agentDials } of blocked) {
    await maskline.api('POST', `/v1/orders/${reference}/participants/customer/block`);
    expect((await maskline.api('POST', `/v1/orders/${reference}/confirm`)).body.unconfirmed).toBe(false);
    expect(await rings(agent, agentDials)).toEqual([]);
    expect(await rings(customer, customerDials)).toEqual([agent]);
  }
  for (const { reference } of ends) await maskline.api('POST', `/v1/orders/${reference}/complete`);
  for (const [at, { reference, customer, agent }] of again.entries()) {
    const order = await place(reference, customer, agent);
    expect(known.has(order.customerDials)).toBe(false);
    expect(await rings(customer, order.customerDials)).toEqual([agent]);
    expect(await rings(customer, again[at]!.customerDials)).toEqual([]);
  }
  for (const { reference } of meanwhile) await maskline.api('POST', `/v1/orders/${reference}/cancel`);
  const left = (await maskline.api('GET', '/v1/restoration/orders')).body.references;
  expect(left.filter((reference: string) => !reference.startsWith('ends-'))).toEqual([]);

  // It ends by itself.
  await maskline.pass({ minutes: 2 });
  await tend();
  expect((await maskline.api('GET', '/v1/restoration')).body).toMatchObject({
    state: 'withholding',
    unconfirmedOrders: 0,
    withheldNumbers: known.size,
  });
  expect((await maskline.request('GET', '/health/ready', {})).body.checks.restoration).toBe('up');
  await maskline.pass({ hours: 2 });
  await tend();
  expect((await maskline.api('GET', '/v1/restoration')).body).toMatchObject({ state: 'none', withheldNumbers: 0 });
  expect(log.join('')).not.toMatch(/\+?9190000\d{5}/);

  // A standby that takes over, or a copy of the disk, is no restore.
  await maskline.app.close();
  await server.becomeACopy();
  maskline = await start(before.exchange.url);
  expect((await maskline.api('GET', '/v1/restoration')).body.state).toBe('none');
});
