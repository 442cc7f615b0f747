import { WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { Queue, runMigrations } from 'bullmq';
import type { ClientBase, Pool } from 'pg';

import { connectionOptions, GENERAL_BOUNDS, openPool } from '../database/connection-pool.js';

/** BullMQ's own name for its schema. */
const SCHEMA = 'bullmq';

/** Each worker keeps one connection to listen on, fewer than twenty together. */
const CONNECTIONS_TO_WORK = 40;
/** Jobs are added in one short statement each. More connections would only make every start slower. */
const CONNECTIONS_TO_ANNOUNCE = 4;

/**
 * The connections of all queues and workers of a process without Redis. The first one migrates their schema.
 *
 * @param works whether this process works jobs, or only announces them
 */
export function queueConnections(databaseUrl: string, works: boolean): Pool {
  const options = connectionOptions(GENERAL_BOUNDS, { searchPath: SCHEMA });
  let migrating: Promise<unknown> | null = null;
  const onConnect = async (connection: ClientBase) => {
    migrating ??= runMigrations(connection, SCHEMA);
    try {
      await migrating;
    } catch (failure) {
      migrating = null; // the next connection retries
      throw failure;
    }
    await options.onConnect(connection);
  };
  const pool = openPool(databaseUrl, works ? CONNECTIONS_TO_WORK : CONNECTIONS_TO_ANNOUNCE, { ...options, onConnect });
  pool.setMaxListeners(0); // one for each queue and worker
  return pool;
}

/** Closes these connections after the queues and workers have closed. */
export class QueueConnections implements OnApplicationShutdown {
  constructor(
    private readonly pool: Pool,
    private readonly discovery: DiscoveryService,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    const providers = this.discovery.getProviders().map(({ instance }: { instance: unknown }) => instance);
    await Promise.allSettled(providers.filter((one) => one instanceof WorkerHost).map(closeWorker));
    await Promise.allSettled(providers.filter((one) => one instanceof Queue).map(async (queue) => queue.close()));
    await this.pool.end();
  }
}

/** In a process without workers, the hosts have no worker. */
async function closeWorker(host: WorkerHost): Promise<void> {
  await host.worker.close();
}
