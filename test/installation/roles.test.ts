import { randomBytes } from 'node:crypto';

import { vi } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { aFolder } from '../platform/embedded/support.js';
import { LONG_MS, cleanUpStarted, send, start } from './started.js';
import { itWithRedis, REDIS } from '../support/with-redis.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
});
afterEach(async () => {
  await cleanUpStarted();
  await database.drop();
});

itWithRedis('lets an api and a worker share one installation', async () => {
  const key = () => randomBytes(32).toString('base64');
  const dataDir = await aFolder();
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: REDIS!,
    API_KEY: 'the-key-of-two-processes',
    PHONE_ENCRYPTION_KEY: key(),
    PHONE_LOOKUP_KEY: key(),
  };
  const api = await start({ env: { ...env, ROLE: 'api' }, dataDir });
  await api.isReady();
  const pool = { name: 'two', country: 'IN', lowWater: 2, target: 2, maxNumbers: 2 };
  expect((await api.api('POST', 'pools', pool)).status).toBe(201);
  await api.api('POST', 'orders', { reference: 'order-1', pool: 'two', customer: { phone: '+919000000001' } });
  const waiting = await api.api('PUT', 'orders/order-1/agent', { phone: '+919000000002' });
  expect([waiting.status, waiting.body.status]).toEqual([202, 'awaiting-numbers']);

  const worker = await start({ env: { ...env, ROLE: 'worker', EXCHANGE_PORT: api.env.EXCHANGE_PORT }, dataDir });
  const order = await api.active('order-1');
  const call = await send(`${api.exchange}/exchange/calls`, 'POST', {
    from: '+919000000001',
    to: order.customer.dials,
  });
  expect(call.body).toMatchObject({ connected: true, rang: '+919000000002', showed: order.agent.dials });

  const asks = async (path: string, headers = {}) => (await send(worker.url + path, 'GET', undefined, headers)).status;
  const withKey = { authorization: `Bearer ${env.API_KEY}` };
  expect(await asks('/health/live')).toBe(200);
  expect(await asks('/health/ready')).toBe(200);
  expect(await asks('/health/ready?probe=1')).toBe(200);
  expect(await asks('/metrics')).toBe(401);
  expect(await asks('/metrics', withKey)).toBe(200);
  for (const path of ['/v1/orders', '/v1/orders/order-1', '/docs', '/docs-json', '/hooks/exotel/x/connect']) {
    expect([path, await asks(path, withKey)]).toEqual([path, 404]);
  }

  // A server logs to its standard output, one JSON object a line, and says nothing else there.
  for (const { output } of [api, worker]) {
    for (const line of output.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
    expect(output).not.toMatch(/90000000|the-key-of-two-processes/);
  }
  expect(await Promise.all([api.stop(), worker.stop()])).toEqual([0, 0]);
});
