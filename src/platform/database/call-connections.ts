import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool, QueryConfig, QueryResult, QueryResultRow } from 'pg';

import { connectionOptions, openPool, type Bounds } from './connection-pool.js';
import { isWorthTryingAgain } from './database-trouble.js';
import type { Connections } from './statement.js';

/** A decision has three seconds, and so its statement time for a second try on another connection. */
const BOUNDS: Bounds = { connectMs: 2_000, statementMs: 1_200 };

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
