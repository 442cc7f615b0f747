import { setTimeout as sleep } from 'node:timers/promises';

import { getQueueToken } from '@nestjs/bullmq';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../platform/clock/deadline.js';
import { createApplication } from './application.js';
import { startInstallation } from './installation.js';
import { findLateDatabase, useLateDatabase } from './late-database.js';
import { prepareSchema } from './schema.js';
import type { InstallationSettings } from './settings.js';
import { isDatabaseTrouble } from '../platform/database/connections/database-trouble.js';
import { drain } from '../platform/http/server/drain.js';
import { RestoreWatch } from '../platform/restoration/restore-watch.js';
import { Processors } from '../platform/queue/processors.js';
import { REPLENISHMENT_ROUND } from '../replenishment/round/replenishment-round.queue.js';
import { DEFAULT_POOL } from '../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../virtual-numbers/pools/pools.service.js';
import { sendTraces } from './traces.js';
import { SignInLinks } from '../platform/sessions/sign-in-links.js';
import type { Started, Welcome } from './welcome.js';

/** How long the start waits for the first numbers. */
const FIRST_NUMBERS_WITHIN_MS = 60_000;

/** Without its Redis, BullMQ never finishes closing. The next start does what was not finished. */
const CLOSED_WITHIN_MS = 10_000;

/** A collector that does not answer must not hold up the stop. */
const TRACES_SENT_WITHIN_MS = 2_000;

/** A whole Maskline in this process: its parts, its schema, and the listening application. */
export interface RunningMaskline extends Started {
  /**
   * Waits for the first numbers, which the exchange delivers within a second, so that the first order gets its numbers
   * at once.
   */
  firstNumbers(tell: Welcome, enough: () => boolean): Promise<void>;
  /** Stops everything, last part first. @param drainMs for how long requests that still arrive are answered; default 0 */
  stop(drainMs?: number): Promise<void>;
}

/**
 * @throws SettingsError and other Errors whose message says in one sentence what to do; then nothing is left running
 */
export async function startMaskline(settings: InstallationSettings): Promise<RunningMaskline> {
  const parts = await startInstallation(settings);
  let app: NestFastifyApplication | undefined;
  let stopTraces = async () => {};
  const stop = async (drainMs = 0) => {
    if (app && drainMs > 0) await drain(app, drainMs);
    if (app) await withDeadline(CLOSED_WITHIN_MS, app.close(), () => undefined);
    await withDeadline(TRACES_SENT_WITHIN_MS, stopTraces(), () => undefined);
    await parts.stop();
  };
  try {
    const { installation } = parts;
    const isForeign = settings.databaseUrl !== null;
    const migrates = settings.migrateAtStart || !isForeign;
    const late = isForeign ? await findLateDatabase(installation) : null;
    if (!late) await prepareSchema(installation, { isForeign, migrates });
    app = await createApplication({ ...installation, databaseIsLate: late !== null });
    await tellDoubts(app, parts.doubts);
    if (settings.tracesTo !== null) stopTraces = await sendTraces(app, settings.tracesTo, settings.role);
    const pools = app.get(PoolsService);
    const restores = app.get(RestoreWatch);
    const ensurePool = async () => pools.ensureDefault(settings.defaultCountry);
    const prepare = async () => restores.settle().then(ensurePool);
    const beginWork = settings.role === 'api' ? () => undefined : await workOf(app);
    if (late) await useLateDatabase(app, late, { migrates, prepare, begin: beginWork });
    else await ensurePool().then(beginWork);
    await app.listen(settings.port, settings.host);
    const hasFirstNumbers = parts.exchangeUrl !== null && settings.role === 'all' && !late;
    const signInLink = isForeign
      ? null
      : `${parts.url}/console/#sign-in=${app.get(SignInLinks, { strict: false }).create(installation.apiKeys[0]!)}`;
    return {
      ...parts,
      signInLink,
      firstNumbers: async (tell, enough) => (hasFirstNumbers ? firstNumbers(pools, tell, enough) : undefined),
      stop,
    };
  } catch (failure) {
    await stop().catch(() => undefined); // the reason for the failed start matters
    throw failure;
  }
}

async function tellDoubts(app: NestFastifyApplication, doubts: readonly string[]): Promise<void> {
  const logger = await app.resolve(PinoLogger);
  logger.setContext('Installation');
  for (const why of doubts) logger.warn({ why }, 'server not set up as required');
}

/** Starts the workers, and a round at once for what a crash interrupted; the schedule may take another minute. */
async function workOf(app: NestFastifyApplication): Promise<() => void> {
  const rounds = app.get<Queue>(getQueueToken(REPLENISHMENT_ROUND), { strict: false });
  const logger = await app.resolve(PinoLogger);
  logger.setContext('FirstRound');
  return () => {
    app.get(Processors).startWorkers();
    // Not awaited: a queue that is unavailable must not delay the start.
    rounds
      .add('start', {}, { attempts: 1 })
      .catch((err: unknown) => logger.warn({ err }, 'first round not announced, the clock of rounds will bring it'));
  };
}

async function firstNumbers(pools: PoolsService, tell: Welcome, enough: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + FIRST_NUMBERS_WITHIN_MS;
  for (; !enough(); await sleep(100)) {
    const found = await pools.find(DEFAULT_POOL).catch((failure: unknown) => {
      if (isDatabaseTrouble(failure)) return null; // the process is whole and copes with an outage
      throw failure;
    });
    if (found) {
      const { pool, level } = found;
      const wanted = Math.min(pool.lowWater, pool.maxNumbers);
      tell.progress('Numbers', level.assignable, wanted);
      if (level.numbers.available + level.numbers.draining >= wanted)
        return tell.part('Numbers', `${level.assignable} to assign in pool ${pool.name}`);
    }
    if (performance.now() > giveUpAt) return tell.part('Numbers', 'none yet; they are being bought');
  }
}
