import { setTimeout as sleep } from 'node:timers/promises';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PinoLogger } from 'nestjs-pino';

import type { Installation } from './app.module.js';
import { connectionOptions, openPool, type Bounds } from '../platform/database/connections/connection-pool.js';
import { createDataSource, migrate } from '../platform/database/data-source.js';
import { DatabaseCheck } from '../platform/database/database-check.js';
import { isDatabaseTrouble } from '../platform/database/connections/database-trouble.js';
import { requireMigrated } from './schema.js';
import { Replica } from '../virtual-numbers/replica/replica.js';

/** A start does not wait for longer if it can decide calls without the database. */
const BOUNDS: Bounds = { connectMs: 1_500, statementMs: 1_200 };

/** Before the work is tried again after a failure that does not pass with an outage. */
const PAUSE_MS = 10_000;

/** A database that did not answer when the process started. */
export interface LateDatabase {
  readonly directDatabaseUrl: string;
  readonly failure: unknown;
  /** How old the replica is that decides calls meanwhile. */
  readonly replicaAgeMs: number;
}

/**
 * Asks the database once, if this process has a replica from which to decide calls. Null if it has none, if the database
 * answers, or if it refuses for a reason that cannot pass: then the process must not start without the database.
 */
export async function findLateDatabase(installation: Installation): Promise<LateDatabase | null> {
  const { databaseUrl, directDatabaseUrl = databaseUrl, role, replicaDir } = installation;
  if (role === 'worker' || !replicaDir) return null;
  const replicaAgeMs = await ageOfReplica(replicaDir);
  if (replicaAgeMs === null) return null;
  const failure = await failureOf(databaseUrl);
  return isDatabaseTrouble(failure) ? { directDatabaseUrl, failure, replicaAgeMs } : null;
}

interface Preparation {
  /** Whether pending migrations are run; otherwise the process waits until somebody else has run them. */
  readonly migrates: boolean;
  /** What is done once the schema is up to date, before the database is used. Must be safe to run again. */
  readonly prepare: () => Promise<void>;
  /** What is done as soon as the database is used. */
  readonly begin: () => void;
}

/** Makes a process that started without the database whole, as soon as the database answers. */
export async function useLateDatabase(
  app: NestFastifyApplication,
  { directDatabaseUrl, failure, replicaAgeMs }: LateDatabase,
  { migrates, prepare, begin }: Preparation,
): Promise<void> {
  const begun = performance.now();
  const logger = await app.resolve(PinoLogger);
  logger.setContext('LateDatabase');
  logger.warn({ err: failure, replicaAgeMs: Math.round(replicaAgeMs) }, 'started without the database');
  const check = app.get(DatabaseCheck);
  check.prepareWith(async () => {
    try {
      const dataSource = await createDataSource(directDatabaseUrl).initialize();
      await (migrates ? migrate(dataSource) : requireMigrated(dataSource)).finally(() => dataSource.destroy());
      await prepare();
    } catch (err) {
      if (!isDatabaseTrouble(err)) {
        logger.error({ err }, 'database not prepared');
        await sleep(PAUSE_MS, undefined, { ref: false });
      }
      throw err;
    }
  });
  void check.prepared().then(() => {
    logger.info({ afterMs: Math.round(performance.now() - begun) }, 'database prepared');
    begin();
  });
}

async function failureOf(databaseUrl: string): Promise<unknown> {
  const pool = openPool(databaseUrl, 1, connectionOptions(BOUNDS));
  try {
    await pool.query('SELECT 1');
    return null;
  } catch (failure) {
    return failure;
  } finally {
    await pool.end();
  }
}

/** Null if there is none, or if its age is unknown. */
async function ageOfReplica(folder: string): Promise<number | null> {
  try {
    const replica = await Replica.open(folder);
    const ageMs = replica.ageMs();
    await replica.close();
    return ageMs;
  } catch {
    return null; // the application reports it
  }
}
