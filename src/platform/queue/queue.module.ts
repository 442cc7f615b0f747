import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { createPostgresBackend, setDefaultBackendFactory, type QueueOptions } from 'bullmq';

import { QueueErrors } from './queue-errors.js';

export interface QueueBackend {
  /** Null = BullMQ's PostgreSQL backend, in schema `bullmq` of the database. */
  readonly redisUrl: string | null;
  readonly databaseUrl: string;
  /** Whether this process works jobs off, or only announces them. */
  readonly works: boolean;
}

/** An announcement must not hold up the answer that caused it: what Redis does not take in this time, a sweep finds. */
const ANNOUNCE_TIMEOUT_MS = 1_000;

/** Connections each queue and each worker may open to PostgreSQL when there is no Redis. */
const POSTGRES_CONNECTIONS = 2;

@Module({})
class QueueModule {}

/** BullMQ on Redis, or on PostgreSQL where there is none. The choice is process-wide, as BullMQ's own default is. */
export function queueModule({ redisUrl, databaseUrl, works }: QueueBackend): DynamicModule {
  setDefaultBackendFactory(redisUrl === null ? createPostgresBackend : undefined);
  const bull = BullModule.forRoot({
    connection: redisUrl === null ? postgresConnection(databaseUrl) : { url: redisUrl, maxRetriesPerRequest: null },
    // Two installations that share a Redis do not share a database: their jobs stay apart.
    prefix: `maskline-${new URL(databaseUrl).pathname.slice(1)}`,
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
      removeOnComplete: { count: 200 },
      removeOnFail: { count: 1_000 },
    },
    extraOptions: { manualRegistration: !works },
  });
  return { module: QueueModule, imports: [bull, DiscoveryModule], providers: [QueueErrors] };
}

function postgresConnection(connectionString: string): QueueOptions['connection'] {
  return { connectionString, schema: 'bullmq', max: POSTGRES_CONNECTIONS, migrate: true } as QueueOptions['connection'];
}

/**
 * Announces news after a commit. Bounded in time and never rejects: a job's payload is ids only, and every queue has a
 * sweep that finds what a crash, or a Redis that is away, kept from being announced.
 */
export async function announce(add: () => Promise<unknown>, failed: (err: unknown) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the queue took no job in ${ANNOUNCE_TIMEOUT_MS} ms`)),
      ANNOUNCE_TIMEOUT_MS,
    );
  });
  const adding = add();
  adding.catch(() => undefined); // when it fails after the time is up, nobody waits for it any more
  try {
    await Promise.race([adding, late]);
  } catch (err) {
    failed(err);
  } finally {
    clearTimeout(timer);
  }
}
