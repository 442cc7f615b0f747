import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';

import { Metrics } from '../platform/observability/metrics.js';
import { PoolsService } from './pools.service.js';

/** The pools' levels, read whenever somebody scrapes. */
@Injectable()
export class PoolLevelMetrics {
  constructor(metrics: Metrics, pools: PoolsService) {
    new Gauge({
      name: 'maskline_pool_assignable',
      help: 'Numbers of a pool that can take an order more',
      labelNames: ['pool'],
      registers: [metrics.registry],
      async collect() {
        for (const { pool, level } of await pools.list()) this.set({ pool: pool.name }, level.assignable);
      },
    });
    new Gauge({
      name: 'maskline_pool_numbers',
      help: 'Numbers of a pool, by status',
      labelNames: ['pool', 'status'],
      registers: [metrics.registry],
      async collect() {
        for (const { pool, level } of await pools.list()) {
          for (const [status, count] of Object.entries(level.numbers)) this.set({ pool: pool.name, status }, count);
        }
      },
    });
  }
}
