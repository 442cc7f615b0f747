import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';

import { aFolder } from '../platform/embedded/support.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import { RedisLine } from '../support/redis-line.js';
import { LONG_MS, cleanUpStarted, start, startHere } from './started.js';
import { itWithRedis, REDIS } from '../support/with-redis.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

let database: FreshDatabase;
let line: DatabaseLine;
beforeEach(async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
  line = await DatabaseLine.to(database.url);
});
afterEach(async () => {
  await cleanUpStarted();
  line.close();
  await database.drop();
});

function settings(databaseUrl: string): Record<string, string> {
  const key = () => randomBytes(32).toString('base64');
  return {
    DATABASE_URL: databaseUrl,
    API_KEY: 'the-key-of-one-process',
    PHONE_ENCRYPTION_KEY: key(),
    PHONE_LOOKUP_KEY: key(),
  };
}

it('a start waits for a PostgreSQL that takes longer than one attempt to answer', async () => {
  line.silence();
  const starting = startHere({ env: settings(line.url), dataDir: await aFolder() });
  await sleep(6_000); // the first attempt has failed
  line.mend();
  await (await starting).isReady();
});

itWithRedis('a start waits for a Redis that takes longer than one attempt to answer', async () => {
  const redis = await RedisLine.to(REDIS!);
  try {
    redis.cut();
    const env = { ...settings(database.url), REDIS_URL: redis.url };
    const starting = startHere({ env, dataDir: await aFolder() });
    await sleep(4_000); // the first attempt has failed
    redis.mend();
    await (await starting).isReady();
    await cleanUpStarted();
  } finally {
    redis.close();
  }
});

itWithRedis('a wrong password of Redis fails at the first attempt, in one sentence', async () => {
  const redis = await RedisLine.to(REDIS!);
  const url = new URL(redis.url);
  [url.username, url.password] = ['nobody', 'wrong'];
  const maskline = await start({ env: { ...settings(database.url), REDIS_URL: url.href }, dataDir: await aFolder() });
  expect(await maskline.ended).toBe(1);
  redis.close();
  expect(redis.connections).toBe(1);
  const told = maskline.output.trim().split('\n');
  expect(told).toEqual([expect.stringContaining('The Redis at REDIS_URL cannot be used (WRONGPASS')]);
});

it('a start waits for the exchange of another process that takes longer than one attempt to answer', async () => {
  let isSlow = true;
  const exchange = createServer((request, response) => {
    if (isSlow) return; // somebody asks again in time
    response.end(request.url === '/exchange' ? '{"name":"exchange"}' : '{}');
  });
  await new Promise<void>((resolve) => exchange.listen(0, '127.0.0.1', resolve));
  try {
    const EXCHANGE_PORT = String((exchange.address() as AddressInfo).port);
    const starting = startHere({ env: { ...settings(database.url), EXCHANGE_PORT }, dataDir: await aFolder() });
    await sleep(4_000); // the first attempt has failed
    isSlow = false;
    await (await starting).isReady();
    await cleanUpStarted();
  } finally {
    exchange.closeAllConnections();
    exchange.close();
  }
});

it.each([
  ['password', (url: URL) => (url.password = 'wrong'), 'password authentication failed'],
  ['database', (url: URL) => (url.pathname = 'unknown'), 'database "unknown" does not exist'],
])('a wrong %s fails at the first attempt, in one sentence', async (_, spoil, why) => {
  const url = new URL(line.url);
  spoil(url);
  const { message }: Error = await startHere({ env: settings(url.href), dataDir: await aFolder() }).catch(
    (failure) => failure,
  );
  expect(line.startUps).toHaveLength(1);
  expect(message).toMatch(/^The PostgreSQL at DATABASE_URL cannot be used .*$/);
  expect(message).toContain(why);
});
