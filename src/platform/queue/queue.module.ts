import { createHmac } from 'node:crypto';

import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { setDefaultBackendFactory, type QueueOptions } from 'bullmq';

import { postgresBackend, redisBackend, redisConnection, RefusedWrites } from './backends.js';
import { JobReports } from './job-reports.js';
import { QueueConnections, queueConnections } from './postgres-queues.js';
import { Processors } from './processors.js';
import { QueueErrors } from './queue-errors.js';
import { QueueWatch } from './queue-watch.js';
import { Schedules } from './schedules.js';
import { withDeadline } from '../clock/deadline.js';

export interface QueueBackend {
  /** Null = BullMQ's PostgreSQL backend, in schema `bullmq` of the database. */
  readonly redisUrl: string | null;
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
  if (redisUrl === null) setDefaultBackendFactory(postgresBackend);
  else setDefaultBackendFactory(redisBackend);
  const refusedWrites = new RefusedWrites();
  const postgres = redisUrl === null ? queueConnections(databaseUrl, works) : null;
  const bull = BullModule.forRoot({
    connection: (postgres as QueueOptions['connection'] | null) ?? redisConnection(redisUrl!, refusedWrites),
    prefix: queuePrefix(databaseUrl, installationKey),
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
      removeOnComplete: { count: 200 },
      removeOnFail: { count: 1_000 },
    },
    extraOptions: { manualRegistration: !works || workersWait },
  });
  const closing: FactoryProvider[] = postgres
    ? [
        {
          provide: QueueConnections,
          inject: [DiscoveryService],
          useFactory: (discovery: DiscoveryService) => new QueueConnections(postgres, discovery),
        },
      ]
    : [];
  const refused = { provide: RefusedWrites, useValue: refusedWrites };
  const providers = [refused, Processors, QueueErrors, JobReports, Schedules, QueueWatch, ...closing];
  return { module: QueueModule, imports: [bull, DiscoveryModule], providers };
}

/**
 * Separates the jobs of installations that share a Redis. Their databases, on different servers, often have the same
 * name; and processes of one installation may use different host names for its database.
 */
export function queuePrefix(databaseUrl: string, installationKey: Buffer): string {
  const fingerprint = createHmac('sha256', installationKey).update('queues').digest('hex').slice(0, 8);
  return `maskline-${new URL(databaseUrl).pathname.slice(1)}-${fingerprint}`;
}

/**
 * Announces something after a commit. Bounded in time, and never rejects: a payload contains only ids, and every queue
 * has a sweep that finds what was not announced because of a crash or an unavailable Redis.
 */
export async function announce(add: () => Promise<unknown>, failed: (err: unknown) => void): Promise<void> {
  try {
    await withDeadline(ANNOUNCE_TIMEOUT_MS, add(), () => {
      throw new Error(`the queue took no job in ${ANNOUNCE_TIMEOUT_MS} ms`);
    });
  } catch (err) {
    failed(err);
  }
}
