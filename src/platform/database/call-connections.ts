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

/** More bring nothing: four, ten and twenty measured alike on two cores. */
const CONNECTIONS = 8;

/**
 * Connections reserved for what a provider waits for within a call or text, so that requests and jobs, which have
 * TypeORM's connections, never keep a call waiting. Only for single statements that are safe to run twice: one that lost
 * its connection, or took too long, is run once more.
 */
export class CallConnections implements Connections, OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(databaseUrl: string) {
    this.pool = openPool(databaseUrl, CONNECTIONS, connectionOptions(BOUNDS));
  }

  async query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    try {
      return await this.pool.query<Row>(statement);
    } catch (failure) {
      if (!isWorthTryingAgain(failure)) throw failure;
      return this.pool.query<Row>(statement);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
