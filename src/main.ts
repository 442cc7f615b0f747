import { existsSync } from 'node:fs';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { createApplication } from './application.js';
import { startInstallation, type RunningInstallation } from './installation.js';
import { readSettings, type Settings } from './platform/config/settings.js';
import { createDataSource, migrate } from './platform/database/data-source.js';
import { DEFAULT_POOL } from './virtual-numbers/pool.entity.js';
import { PoolsService } from './virtual-numbers/pools.service.js';
import { welcome, type Welcome } from './welcome.js';

/** How long the first numbers may take before the start goes on without them. */
const FIRST_NUMBERS_WITHIN_MS = 60_000;

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const settings = readSettings(process.env);
  const greeting = welcome(settings.databaseUrl === null);
  greeting.begin();
  const running = await startInstallation(settings);
  let app: NestFastifyApplication | undefined;
  const stop = stopOnce(async () => {
    greeting.stopping();
    await app?.close();
    await running.stop();
  });
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await migrateDatabase(running.installation.databaseUrl, settings.databaseUrl !== null);
    app = await createApplication(running.installation);
    const pools = app.get(PoolsService);
    await pools.ensureDefault(settings.defaultCountry);
    await app.listen(settings.port, settings.host);
    for (const [name, where] of running.parts) greeting.part(name, where);
    await firstNumbers(pools, settings, running, greeting);
    greeting.end(settings, running);
  } catch (failure) {
    await app?.close();
    await running.stop();
    throw failure;
  }
}

async function migrateDatabase(url: string, isForeign: boolean): Promise<void> {
  const dataSource = createDataSource(url);
  try {
    await dataSource.initialize();
  } catch (cause) {
    if (!isForeign) throw cause;
    const why = cause instanceof AggregateError ? (cause.errors[0] as Error).message : (cause as Error).message;
    throw new Error(`DATABASE_URL leads to no PostgreSQL that lets us in (${why}): start it, or correct the URL.`, {
      cause,
    });
  }
  await migrate(dataSource).finally(() => dataSource.destroy());
}

/** With the exchange, numbers are a second away: wait for them, so that the first order tried is served at once. */
async function firstNumbers(
  pools: PoolsService,
  settings: Settings,
  running: RunningInstallation,
  greeting: Welcome,
): Promise<void> {
  if (running.exchangeUrl === null || settings.role !== 'all') return;
  const giveUpAt = performance.now() + FIRST_NUMBERS_WITHIN_MS;
  for (;;) {
    const { pool, level } = await pools.find(DEFAULT_POOL);
    const wanted = Math.min(pool.lowWater, pool.maxNumbers);
    greeting.progress('Numbers', level.assignable, wanted);
    if (level.numbers.available + level.numbers.draining >= wanted)
      return greeting.part('Numbers', `${level.assignable} to assign in pool ${pool.name}`);
    if (performance.now() > giveUpAt) return greeting.part('Numbers', 'none yet; they are being bought');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first signal stops in order; a second one, of a person who will not wait, at once. */
function stopOnce(stop: () => Promise<void>): () => void {
  let stopping = false;
  return () => {
    if (stopping) process.exit(1);
    stopping = true;
    void stop().then(
      () => process.exit(0),
      (failure: unknown) => fail(failure),
    );
  };
}

function fail(failure: unknown): never {
  process.stderr.write(`Maskline did not start. ${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exit(1);
}

await start().catch(fail);
