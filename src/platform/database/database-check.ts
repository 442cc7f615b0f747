import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { Gauge } from 'prom-client';

import type { Metrics } from '../observability/metrics.js';
import type { Readiness } from '../observability/readiness.js';
import { connectionOptions, openPool, type Bounds } from './connection-pool.js';
import { sqlStateOf } from './connection-lost.js';

/** A readiness check has two seconds. */
const BOUNDS: Bounds = { connectMs: 1_500, statementMs: 1_200 };

const CAN_WRITE = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS "isReadOnly"`;

/**
 * Readiness check `database`: the database answers and can be written to. A standby or a read-only primary cannot serve
 * calls. The check has its own connection, so that load on the others does not affect it.
 */
export class DatabaseCheck implements OnModuleInit, OnApplicationShutdown {
  private readonly connections: Pool;
  private readonly up: Gauge;
  /** By `performance.now()`. */
  lookedAt = 0;
  passed = true;

  constructor(
    databaseUrl: string,
    private readonly readiness: Readiness,
    metrics: Metrics,
  ) {
    this.up = new Gauge({
      name: 'maskline_database_up',
      help: '1 while the database answers and can be written to, else 0; gauges that are read from it are missing meanwhile',
      registers: [metrics.registry],
    });
    this.connections = openPool(databaseUrl, 1, connectionOptions(BOUNDS));
  }

  onModuleInit(): void {
    this.readiness.add('database', async () => {
      const wrong = await this.look();
      this.passed = wrong === null;
      this.lookedAt = performance.now();
      this.up.set(this.passed ? 1 : 0);
      return wrong;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connections.end();
  }

  private async look(): Promise<string | null> {
    try {
      const { rows } = await this.connections.query<{ isReadOnly: boolean }>(CAN_WRITE);
      return rows[0]!.isReadOnly ? 'read-only' : null;
    } catch (failure) {
      return sqlStateOf(failure) === '53300' ? 'too many connections' : 'does not answer';
    }
  }
}
