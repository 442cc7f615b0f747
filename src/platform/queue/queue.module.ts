import { createHmac } from 'node:crypto';

import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { setDefaultBackendFactory, type JobsOptions, type QueueOptions } from 'bullmq';
import { Cluster } from 'ioredis';

import { postgresBackend, redisBackend, redisConnection, RefusedWrites } from './backends.js';
import { thisWork } from './job-cause.js';
import { JobReports } from './job-reports.js';
import { endQueueConnections, queueConnections } from './postgres-queues.js';
import { Processors } from './processors.js';
import { QueueErrors } from './queue-errors.js';
import { QueueWatch } from './queue-watch.js';
import { parseRedisUrl, type RedisUrl } from './redis-url.js';
import { Schedules } from './schedules.js';
import { SharedConnection } from './shared-connection.js';
import { databaseIn } from '../database/connections/database-url.js';
import { withDeadline } from '../clock/deadline.js';

export interface QueueBackend {
  /** Null = BullMQ's PostgreSQL backend, in schema `bullmq` of the database. */
  readonly redisUrl: string | null;
  /** Must give sessions, unless there is a Redis. */
  readonly databaseUrl: string;
  /** A secret that only the processes of this installation share. */
  readonly installationKey: Buffer;
  /** Whether this process works jobs, or only announces them. */
  readonly works: boolean;
  /** The workers wait for `Processors.startWorkers`; default: they start with the application. */
  readonly workersWait?: boolean;
}

/** An announcement must not delay the request that caused it. A sweep finds what Redis does not accept in this time. */
const ANNOUNCE_TIMEOUT_MS = 1_000;

@Module({})
class QueueModule {}

/** BullMQ on Redis, or on PostgreSQL without one. The choice is process-wide, as BullMQ's default backend is. */
export function queueModule(settings: QueueBackend): DynamicModule {
  const { redisUrl, databaseUrl, installationKey, works, workersWait = false } = settings;
  setDefaultBackendFactory(redisUrl === null ? (postgresBackend as unknown as typeof redisBackend) : redisBackend);
  const refusedWrites = new RefusedWrites();
  const redis = redisUrl === null ? null : parseRedisUrl(redisUrl);
  const { connection, end } = redis ? onRedis(redis, refusedWrites) : onPostgres(databaseUrl, works);
  const prefix = queuePrefix(databaseUrl, installationKey);
  const bull = BullModule.forRoot({
    connection,
    prefix: redis?.kind === 'cluster' ? `{${prefix}}` : prefix,
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
      removeOnComplete: { count: 200 },
      removeOnFail: { count: 1_000 },
    },
    extraOptions: { manualRegistration: !works || workersWait },
  });
  const closing: FactoryProvider = {
    provide: SharedConnection,
    inject: [DiscoveryService],
    useFactory: (discovery: DiscoveryService) => new SharedConnection(end!, discovery),
  };
  const refused = { provide: RefusedWrites, useValue: refusedWrites };
  const providers = [refused, Processors, QueueErrors, JobReports, Schedules, QueueWatch, ...(end ? [closing] : [])];
  return { module: QueueModule, global: true, imports: [bull, DiscoveryModule], providers, exports: [QueueWatch] };
}

/** What all queues and workers connect with. */
interface Connecting {
  readonly connection: NonNullable<QueueOptions['connection']>;
  /** Ends what all share; null = each has connections of its own. */
  readonly end: (() => Promise<void>) | null;
}

function onRedis(url: RedisUrl, refusedWrites: RefusedWrites): Connecting {
  const connection = redisConnection(url, refusedWrites);
  return { connection, end: connection instanceof Cluster ? async () => connection.disconnect() : null };
}

function onPostgres(databaseUrl: string, works: boolean): Connecting {
  const pool = queueConnections(databaseUrl, works);
  return { connection: pool as unknown as Connecting['connection'], end: async () => endQueueConnections(pool) };
}

/**
 * Separates the jobs of installations that share a Redis. Their databases, on different servers, often have the same
 * name; and processes of one installation may use different host names for its database.
 */
export function queuePrefix(databaseUrl: string, installationKey: Buffer): string {
  const fingerprint = createHmac('sha256', installationKey).update('queues').digest('hex').slice(0, 8);
  return `maskline-${databaseIn(databaseUrl)}-${fingerprint}`;
}

/**
 * Announces something after a commit. Bounded in time, and never rejects: a payload contains only ids, and every queue
 * has a sweep that finds what was not announced because of a crash or an unavailable Redis.
 *
 * @param add gets the options that say which request caused the job
 */
export async function announce(
  add: (cause: Pick<JobsOptions, 'telemetry'>) => Promise<unknown>,
  failed: (err: unknown) => void,
): Promise<void> {
  try {
    await withDeadline(ANNOUNCE_TIMEOUT_MS, add(thisWork()), () => {
      throw new Error(`the queue took no job in ${ANNOUNCE_TIMEOUT_MS} ms`);
    });
  } catch (err) {
    failed(err);
  }
}
