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
import { within } from './within.js';

export interface QueueBackend {
  /** Null = BullMQ's PostgreSQL backend, in schema `bullmq` of the database. */
  readonly redisUrl: string | null;
  readonly databaseUrl: string;
  /** A secret that the processes of this installation share, and nobody else has. */
  readonly installationKey: Buffer;
  /** Whether this process works jobs off, or only announces them. */
  readonly works: boolean;
}

/** An announcement must not hold up the answer that caused it: what Redis does not take in this time, a sweep finds. */
const ANNOUNCE_TIMEOUT_MS = 1_000;

@Module({})
class QueueModule {}

/** BullMQ on Redis, or on PostgreSQL where there is none. The choice is process-wide, as BullMQ's own default is. */
export function queueModule({ redisUrl, databaseUrl, installationKey, works }: QueueBackend): DynamicModule {
  if (redisUrl === null) setDefaultBackendFactory(postgresBackend);
  else setDefaultBackendFactory(redisBackend);
  const refusedWrites = new RefusedWrites();
  const postgres = redisUrl === null ? queueConnections(databaseUrl) : null;
  const bull = BullModule.forRoot({
    connection: (postgres as QueueOptions['connection'] | null) ?? redisConnection(redisUrl!, refusedWrites),
    prefix: queuePrefix(databaseUrl, installationKey),
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
      removeOnComplete: { count: 200 },
      removeOnFail: { count: 1_000 },
    },
    extraOptions: { manualRegistration: !works },
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
 * Keeps the jobs of installations apart that share a Redis, though their databases, on servers of their own, often have
 * the same name. The processes of one installation may reach its database by different host names.
 */
export function queuePrefix(databaseUrl: string, installationKey: Buffer): string {
  const fingerprint = createHmac('sha256', installationKey).update('queues').digest('hex').slice(0, 8);
  return `maskline-${new URL(databaseUrl).pathname.slice(1)}-${fingerprint}`;
}

/**
 * Announces news after a commit. Bounded in time and never rejects: a job's payload is ids only, and every queue has a
 * sweep that finds what a crash, or a Redis that is away, kept from being announced.
 */
export async function announce(add: () => Promise<unknown>, failed: (err: unknown) => void): Promise<void> {
  try {
    await within(ANNOUNCE_TIMEOUT_MS, add(), () => new Error(`the queue took no job in ${ANNOUNCE_TIMEOUT_MS} ms`));
  } catch (err) {
    failed(err);
  }
}
