import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { startMaskline, type RunningMaskline } from './maskline.js';
import { readSettings, type Settings } from './platform/config/settings.js';
import { stopOnSignal } from './stop-on-signal.js';
import { DEFAULT_POOL } from './virtual-numbers/pool.entity.js';
import { PoolsService } from './virtual-numbers/pools.service.js';
import { welcome, type Welcome } from './welcome.js';

/** How long the first numbers may take before the start goes on without them. */
const FIRST_NUMBERS_WITHIN_MS = 60_000;

let stopping = false;

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const settings = readSettings(process.env);
  const greeting = welcome(settings.databaseUrl === null);
  greeting.begin();
  const starting = startMaskline(settings);
  stopOnSignal(async () => {
    stopping = true;
    greeting.stopping();
    const started = await starting.catch(() => null); // which has then stopped its parts itself
    await started?.stop();
  });
  const maskline = await starting;
  for (const [name, where] of maskline.parts) greeting.part(name, where);
  await firstNumbers(settings, maskline, greeting);
  if (!stopping) greeting.end(maskline);
}

/** With the exchange, numbers are a second away: wait for them, so that the first order tried is served at once. */
async function firstNumbers(settings: Settings, { app, exchangeUrl }: RunningMaskline, tell: Welcome): Promise<void> {
  if (exchangeUrl === null || settings.role !== 'all') return;
  const giveUpAt = performance.now() + FIRST_NUMBERS_WITHIN_MS;
  for (; !stopping; await sleep(100)) {
    const { pool, level } = await app.get(PoolsService).find(DEFAULT_POOL);
    const wanted = Math.min(pool.lowWater, pool.maxNumbers);
    tell.progress('Numbers', level.assignable, wanted);
    if (level.numbers.available + level.numbers.draining >= wanted)
      return tell.part('Numbers', `${level.assignable} to assign in pool ${pool.name}`);
    if (performance.now() > giveUpAt) return tell.part('Numbers', 'none yet; they are being bought');
  }
}

await start().catch((failure: unknown) => {
  if (stopping) return; // asked to stop while it started
  process.stderr.write(`Maskline did not start. ${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exit(1);
});
