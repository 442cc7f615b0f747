import type { EventEmitter } from 'node:events';

import { Pool, type ClientBase, type PoolConfig } from 'pg';

import { Connection, ConnectionSilent, type ConnectionOptions } from './connection.js';

/** How long connections of one pool wait for what. */
export interface Bounds {
  /** For a connection, be it opened or given back by somebody else. */
  readonly connectMs: number;
  /** For a statement, until the server gives it up. The connection is destroyed a little later, if nothing was heard. */
  readonly statementMs: number;
}

/** For requests, jobs and queues. */
export const GENERAL_BOUNDS: Bounds = { connectMs: 5_000, statementMs: 10_000 };

/** A migration may rewrite a large table, and waits for the process that is migrating already. */
export const MIGRATION_BOUNDS: Bounds = { connectMs: 5_000, statementMs: 30 * 60_000 };

/** A transaction that waits for longer than this for its own process holds up others. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Before the first probe. After nine of them, by most systems' default, the connection is broken. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** How much longer than the server's bound a connection has for its answer. */
function answersWithinMs({ statementMs }: Bounds): number {
  return statementMs + Math.min(2_000, statementMs / 4);
}

/**
 * What pg's pools need so that none of their connections can hang, and each reads and writes values in one form whatever
 * the server's settings. Settings are made after connecting: PgBouncer refuses most of them as start-up parameters.
 */
export function connectionOptions(bounds: Bounds, { searchPath }: { searchPath?: string } = {}): ConnectionOptions {
  const settings = sessionSettings(bounds) + (searchPath === undefined ? '' : `; SET search_path = ${searchPath}`);
  return {
    Client: Connection as unknown as PoolConfig['Client'],
    application_name: 'maskline',
    connectionTimeoutMillis: bounds.connectMs,
    answersWithinMs: answersWithinMs(bounds),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    onConnect: async (connection: ClientBase) => void (await connection.query(settings)),
  };
}

/** A pool beside TypeORM's. Whoever made it ends it. */
export function openPool(databaseUrl: string, connections: number, options: ConnectionOptions): Pool {
  const config = { ...options, connectionString: databaseUrl, max: connections } as unknown as PoolConfig;
  const pool = new Pool(config);
  pool.on('error', () => undefined); // an idle connection has gone; the next statement opens another
  return distrustTogether(pool);
}

function sessionSettings({ statementMs }: Bounds): string {
  return Object.entries({
    DateStyle: `'ISO, YMD'`,
    TimeZone: `'UTC'`,
    IntervalStyle: `'postgres'`,
    default_transaction_isolation: `'read committed'`,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  })
    .map(([name, value]) => `SET ${name} = ${value}`)
    .join('; ');
}

/** The pools of this process; they lead to one server. */
const pools = new Set<Pool>();

/**
 * Lets all pools of the process drop their idle connections as soon as one of a pool has fallen silent, since what
 * silenced one has mostly silenced all. Else each of them would cost a request its whole wait.
 */
export function distrustTogether(pool: Pool): Pool {
  pools.add(pool);
  (pool as EventEmitter).on('release', (failure: unknown) => {
    if (failure instanceof ConnectionSilent) pools.forEach(dropIdle);
  });
  return pool;
}

function dropIdle(pool: Pool): void {
  if (pool.ending) return void pools.delete(pool);
  for (let left = pool.idleCount; left > 0; left -= 1) {
    pool.connect((error, _connection, release) => void (error ?? release(true)));
  }
}
