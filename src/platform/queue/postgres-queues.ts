import { runMigrations } from 'bullmq';
import type { ClientBase, Pool } from 'pg';

import { JobListener } from './job-listener.js';
import { connectionOptions, GENERAL_BOUNDS, openPool } from '../database/connections/connection-pool.js';

/** BullMQ's own name for its schema. */
const SCHEMA = 'bullmq';

/** For all queues and workers together, one of them to listen on. Each statement is short. */
const CONNECTIONS_TO_WORK = 10;
/** Jobs are added in one short statement each. More connections would only make every start slower. */
const CONNECTIONS_TO_ANNOUNCE = 4;

/**
 * The connections of all queues and workers of a process without Redis. The first one migrates their schema.
 *
 * @param works whether this process works jobs, or only announces them
 */
export function queueConnections(databaseUrl: string, works: boolean): Pool {
  const options = connectionOptions(GENERAL_BOUNDS, { searchPath: SCHEMA, needsSession: true });
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

/** The queues and workers must have closed. */
export async function endQueueConnections(pool: Pool): Promise<void> {
  await JobListener.of(pool).close();
  await pool.end();
}
