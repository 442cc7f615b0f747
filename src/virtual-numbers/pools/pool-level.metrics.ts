import { Injectable } from '@nestjs/common';

import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { PoolsService } from './pools.service.js';

/** The levels of the pools, read at each scrape. */
@Injectable()
export class PoolLevelMetrics {
  constructor(metrics: Metrics, pools: PoolsService) {
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_pool_assignable',
        help: 'Numbers of a pool that can take one more order',
        labelNames: ['pool'],
      },
      async () =>
        (await pools.list()).map(({ pool, level }) => ({ labels: { pool: pool.name }, value: level.assignable })),
    );
    gaugeOnScrape(
      metrics,
      { name: 'maskline_pool_numbers', help: 'Numbers of a pool, by status', labelNames: ['pool', 'status'] },
      async () =>
        (await pools.list()).flatMap(({ pool, level }) =>
          Object.entries(level.numbers).map(([status, value]) => ({ labels: { pool: pool.name, status }, value })),
        ),
    );
  }
}
