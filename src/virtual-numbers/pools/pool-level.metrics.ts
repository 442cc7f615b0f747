import { Injectable } from '@nestjs/common';

import { gaugeOnScrape, sharedReading } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { PoolsService, type PoolWithLevel } from './pools.service.js';

/** The levels and limits of the pools, read at each scrape. */
@Injectable()
export class PoolLevelMetrics {
  constructor(metrics: Metrics, pools: PoolsService) {
    const list = sharedReading(async () => pools.list());
    const byPool = (name: string, help: string, value: (one: PoolWithLevel) => number) =>
      gaugeOnScrape(metrics, { name, help, labelNames: ['pool'] }, async () =>
        (await list()).map((one) => ({ labels: { pool: one.pool.name }, value: value(one) })),
      );
    byPool(
      'maskline_pool_assignable',
      'Numbers of a pool that can take one more order',
      ({ level }) => level.assignable,
    );
    byPool('maskline_pool_low_water', 'lowWater of a pool: below it, numbers are bought', ({ pool }) => pool.lowWater);
    byPool('maskline_pool_numbers_limit', 'maxNumbers of a pool', ({ pool }) => pool.maxNumbers);
    gaugeOnScrape(
      metrics,
      { name: 'maskline_pool_numbers', help: 'Numbers of a pool, by status', labelNames: ['pool', 'status'] },
      async () =>
        (await list()).flatMap(({ pool, level }) =>
          Object.entries(level.numbers).map(([status, value]) => ({ labels: { pool: pool.name, status }, value })),
        ),
    );
  }
}
