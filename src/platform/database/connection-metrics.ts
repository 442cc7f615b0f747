import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';

import { Metrics } from '../observability/metrics.js';
import { CallConnections } from './call-connections.js';
import { sharedPool } from './statement.js';

/** How many connections to PostgreSQL this process has, and how many statements wait for one. */
@Injectable()
export class ConnectionMetrics {
  constructor(metrics: Metrics, calls: CallConnections, @InjectDataSource() dataSource: DataSource) {
    const pools: readonly (readonly [use: string, pool: Pool])[] = [
      ['calls', calls.pool],
      ['requests', sharedPool(dataSource)],
    ];
    const registers = [metrics.registry];
    const connections = new Gauge({
      name: 'maskline_database_connections',
      help: 'Connections to PostgreSQL, by use (calls; requests and jobs) and state (in_use, idle)',
      labelNames: ['use', 'state'],
      registers,
    });
    const limit = new Gauge({
      name: 'maskline_database_connections_limit',
      help: 'The most connections to PostgreSQL that this process opens, by use',
      labelNames: ['use'],
      registers,
    });
    const waiting = new Gauge({
      name: 'maskline_database_connections_waiting',
      help: 'Statements and transactions that wait for a connection to PostgreSQL, by use',
      labelNames: ['use'],
      registers,
    });
    metrics.noteBeforeScrape(() => {
      for (const [use, { totalCount, idleCount, waitingCount, options }] of pools) {
        connections.set({ use, state: 'in_use' }, totalCount - idleCount);
        connections.set({ use, state: 'idle' }, idleCount);
        limit.set({ use }, options.max);
        waiting.set({ use }, waitingCount);
      }
    });
  }
}
