import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';
import { Client } from 'pg';

import { Processors } from '../../src/platform/queue/processors.js';
import { aPhone, numbers, TestApp, type Body } from '../support/app.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { OwnRedis } from '../support/own-redis.js';
import { RedisLine } from '../support/redis-line.js';
import { RunningQueues } from '../support/running-queues.js';
import { describeWithRedis } from '../support/with-redis.js';

const LIFETIME_SECONDS = 600;
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let told: Body[] = [];
let orderSystem: Server;
let orderEvents: { url: string; secret: string };
let app: TestApp;
let queues: RunningQueues;
let logged: string[] = [];
let placed = 0;

beforeAll(async () => {
  orderSystem = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    told.push(...JSON.parse(body));
    response.end();
  });
  await new Promise<void>((resolve) => orderSystem.listen(0, '127.0.0.1', resolve));
  const { port } = orderSystem.address() as AddressInfo;
  orderEvents = { url: `http://127.0.0.1:${port}/`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
});
/** As in production: BullMQ may wait forever for a backend that was away. */
const CLOSED_WITHIN_MS = 10_000;

afterAll(() => void orderSystem?.close());
beforeEach(() => {
  logged = [];
  told = [];
});

async function start(options: { redisUrl: string | null; database?: FreshDatabase }): Promise<void> {
  const started = Date.now();
  app = await TestApp.start({ ...options, works: true, orderEvents, logTo: (line) => logged.push(line) });
  queues = new RunningQueues(app);
  await app.pool({ name: 'short', lifetimeSeconds: LIFETIME_SECONDS, graceSeconds: 0 }, numbers(4));
  await queues.runAgain(started, 60_000);
}

async function anActiveOrder(): Promise<string> {
  const reference = `fault-${(placed += 1)}`;
  const order = await app.order(reference, aPhone(), aPhone(), { pool: 'short' });
  expect(order.status).toBe('active');
  return reference;
}

/** What was due meanwhile is done: the order ends, and the order system is told. */
async function isDealtWith(reference: string): Promise<void> {
  app.clock.push({ seconds: LIFETIME_SECONDS + 1 });
  await until(async () => (await app.api('GET', `/v1/orders/${reference}`)).body?.status === 'ended');
  await until(async () => told.some((event) => JSON.stringify(event).includes(reference)));
}

const ready = async () => app.request('GET', '/health/ready', {});
const isReady = async () => (await ready()).status === 200;
const isLogged = (...words: string[]) => logged.some((line) => words.every((word) => line.includes(word)));

/** The sum over all labels, or over those that `name` brings. */
async function metric(name: string): Promise<number> {
  const { text } = await app.api('GET', '/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** While it lasts, whoever looks at readiness, at a metric or into the log is told, in these words. */
async function isTold(wrong: string): Promise<void> {
  await until(async () => (await ready()).body.checks?.queues.includes(wrong) === true, 20_000);
  expect((await ready()).status).toBe(503);
  await until(async () => isLogged('readiness check failed', '"check":"queues"', wrong));
  expect(await metric('maskline_ready{check="queues"}')).toBe(0);
}

async function isOver(): Promise<void> {
  await until(isReady);
  await until(async () => (await metric('maskline_ready{check="queues"}')) === 1);
  await until(async () => isLogged('readiness check recovered', '"check":"queues"'));
}

describeWithRedis('queues on a Redis', () => {
  let redis: OwnRedis;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    await start({ redisUrl: redis.url });
  });
  afterAll(async () => {
    redis?.thaw();
    await app?.stop({ closedWithinMs: CLOSED_WITHIN_MS });
    await redis?.stop();
  });

  // Nobody can know before the next look, which cures it: log and metric tell, and readiness stays well.
  it('run again within 15 s after it was emptied under load, and nothing is lost; log and metric say so', async () => {
    const reference = await anActiveOrder();
    const before = await metric('maskline_schedules_recreated_total');
    let isBusy = true;
    const load = (async () => {
      for (let order = 0; isBusy; order += 1)
        await app.api('POST', '/v1/orders', { reference: `load-${order}`, customer: { phone: aPhone() } });
    })();
    await redis.command('FLUSHALL');
    await queues.runAgain(Date.now()).finally(() => (isBusy = false));
    await load;
    await isDealtWith(reference);
    expect(isLogged('schedule recreated')).toBe(true);
    expect((await metric('maskline_schedules_recreated_total')) - before).toBeGreaterThanOrEqual(queues.names.length);
    expect(await isReady()).toBe(true);
  });

  // Likewise.
  it('run again within 15 s after single keys of theirs were evicted; log and metric say so', async () => {
    const reference = await anActiveOrder();
    const before = await metric('maskline_schedules_recreated_total');
    const lost = [/:delayed$/, /:repeat$/, /:repeat:\w+$/, /:repeat:\w+:\d+$/];
    for (const [index, { queue }] of app.get(Processors).all().entries()) {
      const keys = (await redis.command('KEYS', `${queue.toKey('')}*`)) as string[];
      const evicted = keys.filter((key) => lost[index % lost.length]!.test(key));
      if (evicted.length > 0) await redis.command('DEL', ...evicted);
    }
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    expect(isLogged('schedule recreated')).toBe(true);
    expect(await metric('maskline_schedules_recreated_total')).toBeGreaterThan(before);
    expect(await isReady()).toBe(true);
  });

  it('run again within 15 s after it came back empty; meanwhile log, metrics and readiness say so', async () => {
    const reference = await anActiveOrder();
    const before = await metric('maskline_queue_failures_total');
    await redis.stop();
    await isTold('unreadable: ');
    expect(isLogged('queue failed', 'ECONNREFUSED')).toBe(true);
    expect(await metric('maskline_queue_failures_total')).toBeGreaterThan(before);
    await redis.startAgain();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await isOver();
    expect(isLogged('schedule recreated')).toBe(true);
  });

  it('run again within 15 s after it was frozen; meanwhile log, metrics and readiness say so', async () => {
    const reference = await anActiveOrder();
    redis.freeze();
    await isTold('unreadable: ');
    expect(isLogged('queues unreadable')).toBe(true);
    expect(await metric('maskline_queue_unread_seconds{queue="orders.due"}')).toBeGreaterThan(5);
    await sleep(5_000);
    redis.thaw();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await isOver();
  });

  it('run again within 15 s after it was a replica for a while; meanwhile log, metrics and readiness say so', async () => {
    const reference = await anActiveOrder();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await isTold('read-only');
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await isOver();
  });
});

/** As managed services do it: one address, which leads to the replica once that has been promoted. */
describeWithRedis('queues on a Redis with a replica', () => {
  let primary: OwnRedis;
  let replica: OwnRedis;
  let line: RedisLine;

  beforeAll(async () => {
    [primary, replica] = await Promise.all([OwnRedis.start(), OwnRedis.start()]);
    await replica.replicate(primary);
    line = await RedisLine.to(primary.url);
    await start({ redisUrl: line.url });
  });
  afterAll(async () => {
    primary?.thaw(); // a connection that was idle when it froze says goodbye to it
    await app?.stop({ closedWithinMs: CLOSED_WITHIN_MS });
    line?.close();
    await Promise.all([primary?.stop(), replica?.stop()]);
  });

  /** Places orders all the while. @returns their references */
  async function underLoad(happens: () => Promise<void>): Promise<string[]> {
    const references: string[] = [];
    let isBusy = true;
    const load = (async () => {
      for (; isBusy; await sleep(20)) {
        const reference = `load-${(placed += 1)}`;
        const order = { reference, pool: 'short', customer: { phone: aPhone() } };
        expect((await app.api('POST', '/v1/orders', order)).status).toBe(201);
        references.push(reference);
      }
    })();
    await happens().finally(() => (isBusy = false));
    await load;
    return references;
  }

  async function allAreDealtWith(references: readonly string[]): Promise<void> {
    const unsaid = (type: string) => {
      const said = new Set(told.filter((event) => event.type === type).map((event) => event.subject));
      return references.filter((reference) => !said.has(reference));
    };
    await until(async () => unsaid('order.placed').length === 0);
    app.clock.push({ seconds: LIFETIME_SECONDS + 1 });
    await until(async () => unsaid('order.expired').length === 0);
  }

  // Connections move at their next write: log and metric tell, and readiness is down for some seconds at most.
  it('go on within 15 s after the replica took over and the primary became read-only, and nothing is lost', async () => {
    const reference = await anActiveOrder();
    const before = await metric('maskline_queue_failures_total');
    const loaded = await underLoad(async () => {
      await primary.failOverTo(replica);
      line.leadTo(replica.url);
      await queues.runAgain(Date.now());
    });
    expect(isLogged('queue failed')).toBe(true);
    expect(await metric('maskline_queue_failures_total')).toBeGreaterThan(before);
    await allAreDealtWith([reference, ...loaded]);
    await until(isReady);
  });

  it('go on within 15 s after the primary fell silent and the replica was promoted, and nothing is lost', async () => {
    [primary, replica] = [replica, primary];
    const reference = await anActiveOrder();
    const loaded = await underLoad(async () => {
      primary.freeze();
      await isTold('unreadable: ');
      await replica.command('REPLICAOF', 'NO', 'ONE');
      line.leadTo(replica.url);
      await queues.runAgain(Date.now());
    });
    await allAreDealtWith([reference, ...loaded]);
    await isOver();
  });
});

describe('queues on PostgreSQL', () => {
  let database: FreshDatabase;
  let line: RedisLine;

  beforeAll(async () => {
    database = await freshDatabase({ lockTimeoutMs: 5_000 });
    line = await RedisLine.to(database.url);
    await start({ redisUrl: null, database: { ...database, url: line.url } });
  });
  afterAll(async () => {
    line?.mend();
    await app?.stop({ closedWithinMs: CLOSED_WITHIN_MS });
    line?.close();
    await database?.drop();
  });

  // Others are opened at once: log and metric tell, and readiness stays well.
  it('run again within 15 s after the server ended all their connections; log and metric say so', async () => {
    const reference = await anActiveOrder();
    const before = await metric('maskline_queue_failures_total');
    const server = new Client({ connectionString: database.url });
    await server.connect();
    for (let times = 0; times < 3; times += 1) {
      await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                          WHERE datname = current_database() AND pid <> pg_backend_pid()`);
      await sleep(300);
    }
    await server.end();
    expect(isLogged('queue failed', 'terminating connection')).toBe(true);
    expect(await metric('maskline_queue_failures_total')).toBeGreaterThan(before);
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await until(isReady);
  });

  it('run again within 15 s after all their connections fell silent; meanwhile log, metrics and readiness say so', async () => {
    const reference = await anActiveOrder();
    line.cut();
    await isTold('unreadable: ');
    expect(isLogged('queues unreadable')).toBe(true);
    expect(await metric('maskline_queue_unread_seconds{queue="orders.due"}')).toBeGreaterThan(5);
    line.forget();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await isOver();
  });
});

async function until(isSo: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await sleep(100)) {
    if (await isSo()) return;
  }
  throw new Error(`It did not come within ${withinMs / 1000} s.`);
}
