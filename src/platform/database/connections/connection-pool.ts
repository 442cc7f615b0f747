import { AsyncResource } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';

import { Pool, type ClientBase, type PoolClient, type PoolConfig } from 'pg';

import { Connection, ConnectionSilent, ServerDemoted, type ConnectionOptions } from './connection.js';
import type { SessionSettings } from './pooled-statement.js';
import { serverOptions } from './primary-server.js';

/** The time limits of the connections of a pool. */
export interface Bounds {
  /** For getting a connection, whether it is opened or released by another user. */
  readonly connectMs: number;
  /** For a statement, until the server cancels it. Without an answer the connection is destroyed a little later. */
  readonly statementMs: number;
}

/** For requests, jobs and queues. */
export const GENERAL_BOUNDS: Bounds = { connectMs: 5_000, statementMs: 10_000 };

/** A migration may rewrite a large table, and waits for another process that is already migrating. */
export const MIGRATION_BOUNDS: Bounds = { connectMs: 5_000, statementMs: 30 * 60_000 };

/** A transaction that is idle for longer than this blocks others. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Idle time before the first probe. By most systems' default, nine failed probes break the connection. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** How long a connection waits for an answer: a little longer than the server's own limit. */
function answersWithinMs({ statementMs }: Bounds): number {
  return statementMs + Math.min(2_000, statementMs / 4);
}

interface Purpose {
  readonly searchPath?: string;
  readonly plans?: 'as-usual' | 'by-key';
  readonly needsSession?: boolean;
}

/**
 * Options for pg's pools. No connection can hang, and each reads and writes values in the same form whatever the
 * server's settings are. Settings are made after connecting, because PgBouncer refuses most of them as start-up
 * parameters. Behind a pooler that gives no sessions, they go with each transaction.
 *
 * @param needsSession whether statements listen, or take locks that outlive their transaction; then a pooler that gives
 *   no sessions is refused (`SessionNeeded`). Default false
 */
export function connectionOptions(
  bounds: Bounds,
  { searchPath, plans = 'as-usual', needsSession = false }: Purpose = {},
): ConnectionOptions {
  const settings = {
    ...sessionSettings(bounds),
    ...(plans === 'by-key' ? PLANS_BY_KEY : {}),
    ...(searchPath === undefined ? {} : { search_path: searchPath }),
  };
  return {
    Client: Connection as unknown as PoolConfig['Client'],
    application_name: 'maskline',
    connectionTimeoutMillis: bounds.connectMs,
    answersWithinMs: answersWithinMs(bounds),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    onConnect: async (connection: ClientBase) =>
      (connection as unknown as Connection).begin(settings, { needsSession }),
  };
}

/** Without it, a statement that waited for a connection runs in the context of the work that released it. */
class PoolInContext extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: Parameters<Pool['connect']>[0]): void;
  override connect(callback?: Parameters<Pool['connect']>[0]): Promise<PoolClient> | void {
    if (!callback) return super.connect();
    const work = new AsyncResource('PoolInContext');
    super.connect((...connected) => work.runInAsyncScope(callback, undefined, ...connected));
  }
}

/** A pool of connections. The caller must end it. */
export function openPool(databaseUrl: string, connections: number, options: ConnectionOptions): Pool {
  const config = { ...options, ...serverOptions(databaseUrl), max: connections } as unknown as PoolConfig;
  const pool = new PoolInContext(config);
  pool.on('error', () => undefined); // an idle connection has broken; the next statement opens another
  distrustTogether(pool);
  return pool;
}

/**
 * For connections whose statements look up few rows by their keys. PostgreSQL plans each statement once, and always with
 * index lookups. By default it plans statements with arrays again and again, and reads small tables whole; such a plan
 * could still be in use when the table has grown.
 */
const PLANS_BY_KEY = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
};

function sessionSettings({ statementMs }: Bounds): SessionSettings {
  return {
    DateStyle: 'ISO, YMD',
    TimeZone: 'UTC',
    IntervalStyle: 'postgres',
    default_transaction_isolation: 'read committed',
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

/** All pools of this process. They use the same server, or the same few. */
const pools = new Set<Pool>();

/**
 * Makes all pools drop their idle connections as soon as one connection falls silent, because the cause usually affects
 * all of them. Otherwise each silent connection would delay a request by its whole time limit.
 */
function distrustTogether(pool: Pool): void {
  pools.add(pool);
  (pool as EventEmitter).on('release', (failure: unknown) => {
    if (failure instanceof ConnectionSilent || failure instanceof ServerDemoted) pools.forEach(dropIdle);
  });
}

/** The server accepts no writes any more: drops all idle connections, and looks for the primary if there are several. */
export function distrustServer(databaseUrl: string): void {
  serverOptions(databaseUrl).primary?.forget();
  pools.forEach(dropIdle);
}

function dropIdle(pool: Pool): void {
  if (pool.ending) return void pools.delete(pool);
  for (let left = pool.idleCount; left > 0; left -= 1) {
    pool.connect((error, _connection, release) => void (error ?? release(true)));
  }
}
