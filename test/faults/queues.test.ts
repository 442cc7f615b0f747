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
    told.push(JSON.parse(body));
    response.end();
  });
  await new Promise<void>((resolve) => orderSystem.listen(0, '127.0.0.1', resolve));
  const { port } = orderSystem.address() as AddressInfo;
  orderEvents = { url: `http://127.0.0.1:${port}/`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
});
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
const queuesAreNotReady = async (how: string) => (await ready()).body.checks?.queues.includes(how) === true;
const isLogged = (message: string) => logged.some((line) => line.includes(message));

async function metric(name: string): Promise<number> {
  const { text } = await app.api('GET', '/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

(process.env['TEST_REDIS_URL'] ? describe : describe.skip)('queues on a Redis', () => {
  let redis: OwnRedis;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    await start({ redisUrl: redis.url });
  });
  afterAll(async () => {
    redis?.thaw();
    await app?.stop();
    await redis?.stop();
  });

  it('run again within 15 s after it was emptied under load, and nothing is lost', async () => {
    const reference = await anActiveOrder();
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
    expect(await metric('maskline_schedules_recreated_total')).toBeGreaterThanOrEqual(queues.names.length);
  });

  it('run again within 15 s after single keys of theirs were evicted', async () => {
    const reference = await anActiveOrder();
    const lost = [/:delayed$/, /:repeat$/, /:repeat:\w+$/, /:repeat:\w+:\d+$/];
    for (const [index, { queue }] of app.get(Processors).all().entries()) {
      const keys = (await redis.command('KEYS', `${queue.toKey('')}*`)) as string[];
      const evicted = keys.filter((key) => lost[index % lost.length]!.test(key));
      if (evicted.length > 0) await redis.command('DEL', ...evicted);
    }
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
  });

  it('run again within 15 s after it came back empty', async () => {
    const reference = await anActiveOrder();
    await redis.stop();
    await sleep(2_000);
    await redis.startAgain();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
  });

  it('run again within 15 s after it was frozen; meanwhile log, metrics and readiness say so', async () => {
    const reference = await anActiveOrder();
    redis.freeze();
    await until(async () => queuesAreNotReady('unreadable: '), 20_000);
    expect((await ready()).status).toBe(503);
    expect(isLogged('queues unreadable')).toBe(true);
    expect(await metric('maskline_queue_unread_seconds{queue="orders.due"}')).toBeGreaterThan(5);
    await sleep(5_000);
    redis.thaw();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await until(isReady);
  });

  it('run again within 15 s after it was a replica for a while, as in a failover; meanwhile readiness says so', async () => {
    const reference = await anActiveOrder();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await until(async () => queuesAreNotReady('read-only'));
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await until(isReady);
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
    await app?.stop();
    line?.close();
    await database?.drop();
  });

  it('run again within 15 s after the server ended all their connections', async () => {
    const reference = await anActiveOrder();
    const server = new Client({ connectionString: database.url });
    await server.connect();
    for (let times = 0; times < 3; times += 1) {
      await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                          WHERE datname = current_database() AND pid <> pg_backend_pid()`);
      await sleep(300);
    }
    await server.end();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
  });

  it('run again within 15 s after all their connections fell silent; meanwhile log and readiness say so', async () => {
    const reference = await anActiveOrder();
    line.cut();
    await until(async () => queuesAreNotReady('unreadable: '), 20_000);
    expect(isLogged('queues unreadable')).toBe(true);
    line.forget();
    await queues.runAgain(Date.now());
    await isDealtWith(reference);
    await until(isReady);
  });
});

async function until(isSo: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await sleep(100)) {
    if (await isSo()) return;
  }
  throw new Error(`It did not come within ${withinMs / 1000} s.`);
}
