import { setTimeout as sleep } from 'node:timers/promises';

import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool, QueryConfig, QueryResult, QueryResultRow } from 'pg';

import { connectionOptions, openPool, type Bounds } from './connection-pool.js';
import { isWorthTryingAgain } from './database-trouble.js';
import type { Connections } from './statement.js';

/**
 * A decision has three seconds: time for a statement that gets no answer in 1.25 s, a new connection, and a second try.
 * Whoever waits meanwhile for a connection has to wait for as long.
 */
const BOUNDS: Bounds = { connectMs: 2_800, statementMs: 1_000 };

/** A connection that breaks does so at once, and leaves time for more than a second try. */
const MOST_TRIES = 6;
const TRIES_BEGIN_WITHIN_MS = 1_300;
const PAUSE_MS = 20;

/** More bring nothing: four, ten and twenty measured alike on two cores. */
const CONNECTIONS = 8;

/**
 * Connections reserved for what a provider waits for within a call or text, so that requests and jobs, which have
 * TypeORM's connections, never keep a call waiting. Only for single statements that are safe to run twice: one that lost
 * its connection, or took too long, is run again.
 */
export class CallConnections implements Connections, OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(databaseUrl: string) {
    this.pool = openPool(databaseUrl, CONNECTIONS, connectionOptions(BOUNDS));
  }

  async query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    const begun = performance.now();
    for (let tries = 1; ; tries += 1) {
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
