import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { gaugeOnScrape, sharedReading } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { spentByPool } from './purchases.queries.js';

const LABELS = ['pool', 'currency', 'period'] as const;

/** A pool without limits of spending may have no currency. */
function labelsOf({ name, currency }: Pool, period: 'day' | 'month'): Record<(typeof LABELS)[number], string> {
  return { pool: name, currency: currency ?? '', period };
}

/** What pools have spent on numbers, and what they may spend, read at each scrape. */
@Injectable()
export class SpendingMetrics {
  constructor(metrics: Metrics, @InjectDataSource() dataSource: DataSource, pools: PoolsService, clock: Clock) {
    const allPools = sharedReading(async () => pools.all());
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_pool_spend',
        help: 'Rents of the numbers that a pool has bought in this UTC day or month, in its currency',
        labelNames: LABELS,
      },
      async () => {
        const spent = await spentByPool(dataSource.manager, clock.now());
        return (await allPools()).flatMap((pool) => [
          { labels: labelsOf(pool, 'day'), value: spent.get(pool.id)?.today ?? 0 },
          { labels: labelsOf(pool, 'month'), value: spent.get(pool.id)?.thisMonth ?? 0 },
        ]);
      },
    );
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_pool_spend_limit',
        help: 'What a pool may spend in a UTC day or month, in its currency; missing without a limit',
        labelNames: LABELS,
      },
      async () =>
        (await allPools())
          .flatMap((pool) => [
            { labels: labelsOf(pool, 'day'), value: pool.maxSpendPerDay },
            { labels: labelsOf(pool, 'month'), value: pool.maxSpendPerMonth },
          ])
          .flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value }])),
    );
  }
}
