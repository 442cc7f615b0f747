import {
  createPostgresBackend,
  createRedisBackend,
  type BackendFactory,
  type IQueueBackend,
  type PostgresConnectionOptions,
  type QueueOptions,
} from 'bullmq';
import type { Pool } from 'pg';

import { clusterAt, loginAt, sentinelsAt } from './redis-options.js';
import type { RedisUrl } from './redis-url.js';
import { JobListener, type WaitingConnection } from './job-listener.js';

/** A worker that waits for jobs sends a new request after this time, so no connection is silent for longer. */
const BLOCKS_AT_MOST_SECONDS = 4;

/**
 * A connection that leaves a command unanswered for this long is closed, and the command is sent again on a new one.
 */
const SILENT_AT_MOST_MS = 6_000;

const CONNECTS_WITHIN_MS = 5_000;
const RECONNECTS_AFTER_MS = 1_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Errors of a Redis that cannot be written to now: another server is the primary, or it is still loading. */
const NOT_THE_PRIMARY = /\b(READONLY|MASTERDOWN|LOADING|UNBLOCKED)\b/;
const RECONNECT_AND_SEND_AGAIN = 2;

/** Writes that the Redis refused because it is not the primary. ioredis reconnects and sends each again. */
export class RefusedWrites {
  private lastAt = -Infinity;
  private tell: (refusal: Error) => void = () => undefined;

  note(refusal: Error): void {
    this.lastAt = performance.now();
    this.tell(refusal);
  }

  /** Nobody else hears of a write that succeeds when it is sent again. */
  whenNoted(tell: (refusal: Error) => void): void {
    this.tell = tell;
  }

  within(ms: number): boolean {
    return performance.now() - this.lastAt < ms;
  }
}

/**
 * Connections that notice a server that hangs, was replaced or is no longer the primary, and reconnect. Behind
 * sentinels, each new connection asks them for the primary. A cluster has one client for all queues, which must be
 * closed after them.
 */
export function redisConnection(url: RedisUrl, refused: RefusedWrites): NonNullable<QueueOptions['connection']> {
  const options = {
    ...loginAt(url),
    maxRetriesPerRequest: null,
    connectTimeout: CONNECTS_WITHIN_MS,
    socketTimeout: SILENT_AT_MOST_MS,
    keepAlive: KEEP_ALIVE_AFTER_MS,
    reconnectOnError: (refusal: Error): false | 2 => {
      if (!NOT_THE_PRIMARY.test(refusal.message)) return false;
      refused.note(refusal);
      return RECONNECT_AND_SEND_AGAIN;
    },
  };
  const again = () => RECONNECTS_AFTER_MS;
  switch (url.kind) {
    case 'server':
      return { ...options, ...url.nodes[0], retryStrategy: again };
    case 'sentinels':
      return { ...options, ...sentinelsAt(url), retryStrategy: again, sentinelRetryStrategy: again };
    case 'cluster':
      return clusterAt(url, options, again);
  }
}

/** BullMQ's Redis backend with shorter waits for jobs. */
export const redisBackend: BackendFactory = (name, opts, connections) =>
  Object.defineProperty(createRedisBackend(name, opts, connections), 'maximumBlockTimeout', {
    value: BLOCKS_AT_MOST_SECONDS,
  });

interface Memoised {
  waitUntilReady(): Promise<void>;
  readyPromise?: Promise<void>;
}

/**
 * BullMQ's PostgreSQL backend, but with a new attempt after a failed first connection. BullMQ would return that first
 * failure to every command until the process ends. All workers share the connection on which they wait for jobs.
 */
export const postgresBackend: BackendFactory<IQueueBackend, PostgresConnectionOptions> = (name, opts, connections) => {
  const backend = createPostgresBackend(name, opts, connections);
  const { connection } = backend as unknown as { connection: Memoised & WaitingConnection & { pool: Pool } };
  JobListener.of(connection.pool).serve(connection);
  const whenReady = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = async () => {
    try {
      await whenReady();
    } catch (failure) {
      connection.readyPromise = undefined;
      throw failure;
    }
  };
  return Object.defineProperty(backend, 'maximumBlockTimeout', { value: BLOCKS_AT_MOST_SECONDS });
};
