import { setTimeout as sleep } from 'node:timers/promises';

import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool, QueryConfig, QueryResult, QueryResultRow } from 'pg';

import { connectionOptions, openPool, type Bounds } from './connections/connection-pool.js';
import type { DatabaseCheck } from './database-check.js';
import { isWorthTryingAgain } from './connections/database-trouble.js';
import type { Connections } from './statement.js';

/**
 * A decision has three seconds: enough for a statement that gets no answer in 1.25 s, a new connection, and a second
 * try. Requests that wait for a connection meanwhile need the same time.
 */
const BOUNDS: Bounds = { connectMs: 2_800, statementMs: 1_000 };

/** A broken connection fails at once, which leaves time for more than two tries. */
const MOST_TRIES = 6;
/** A try that begins now and gets no answer ends before the decision's time does. A busy process notices silence late. */
const TRIES_BEGIN_WITHIN_MS = 1_700;
const PAUSE_MS = 20;

/** More connections do not help: 4, 10 and 20 measured the same on two cores. */
const CONNECTIONS = 8;

/**
 * Connections reserved for statements during a call or text, so that requests and jobs (which use TypeORM's
 * connections) never delay a call. Only for single statements that are safe to run twice: a statement that lost its
 * connection or took too long is run again.
 */
export class CallConnections implements Connections, OnApplicationShutdown {
  readonly pool: Pool;

  constructor(
    databaseUrl: string,
    private readonly check: Pick<DatabaseCheck, 'mayBeUsed'> = { mayBeUsed: async () => true },
  ) {
    this.pool = openPool(databaseUrl, CONNECTIONS, connectionOptions(BOUNDS, { plans: 'by-key' }));
  }

  async query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    const begun = performance.now();
    for (let tries = 1; ; tries += 1) {
      if (!(await this.check.mayBeUsed())) throw new Error('The database was restored and is not prepared yet.');
      try {
        return await this.pool.query<Row>(statement);
      } catch (failure) {
        const isLate = performance.now() - begun > TRIES_BEGIN_WITHIN_MS;
        if (tries === MOST_TRIES || isLate || !isWorthTryingAgain(failure)) throw failure;
      }
      await sleep(tries * PAUSE_MS);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
