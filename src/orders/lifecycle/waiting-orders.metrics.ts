import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { waitingByPool } from '../order/orders.queries.js';

/** Orders that wait for numbers, read at each scrape. */
@Injectable()
export class WaitingOrdersMetrics {
  constructor(
    metrics: Metrics,
    @InjectDataSource() dataSource: DataSource,
    pools: PoolsService,
    private readonly clock: Clock,
  ) {
    const byPool = async (value: (orders: number, since: Date | null) => number) => {
      const waiting = new Map((await waitingByPool(dataSource.manager)).map((one) => [one.poolId, one]));
      return [...(await pools.names())].map(([id, pool]) => {
        const { orders = 0, since = null } = waiting.get(id) ?? {};
        return { labels: { pool }, value: value(orders, since) };
      });
    };
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_orders_awaiting_numbers',
        help: 'Orders of a pool that wait for numbers',
        labelNames: ['pool'],
      },
      () => byPool((orders) => orders),
    );
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_oldest_awaiting_order_seconds',
        help: 'How long the first waiting order of a pool has waited for numbers; 0 if none waits',
        labelNames: ['pool'],
      },
      () => byPool((_, since) => (since === null ? 0 : this.secondsSince(since))),
    );
  }

  private secondsSince(instant: Date): number {
    return Math.max(0, (this.clock.now().getTime() - instant.getTime()) / 1_000);
  }
}
