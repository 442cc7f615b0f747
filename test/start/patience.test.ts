import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';

import { aFolder } from '../platform/embedded/support.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import { LONG_MS, cleanUpStarted, start } from './started.js';

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
  const maskline = await start({ env: settings(line.url), dataDir: await aFolder() });
  await sleep(6_000); // the first attempt has failed
  line.mend();
  await maskline.isReady();
  expect(await maskline.stop()).toBe(0);
});

it.each([
  ['password', (url: URL) => (url.password = 'wrong'), 'password authentication failed'],
  ['database', (url: URL) => (url.pathname = 'unknown'), 'database "unknown" does not exist'],
])('a wrong %s fails at once, in one sentence', async (_, spoil, why) => {
  const url = new URL(database.url);
  spoil(url);
  const begun = performance.now();
  const maskline = await start({ env: settings(url.href), dataDir: await aFolder() });
  expect(await maskline.ended).toBe(1);
  expect(performance.now() - begun).toBeLessThan(20_000);
  const told = maskline.output.trim().split('\n');
  expect(told).toEqual([expect.stringContaining('The PostgreSQL at DATABASE_URL cannot be used')]);
  expect(told[0]).toContain(why);
});
