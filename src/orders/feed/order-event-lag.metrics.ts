import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { OrderEventWebhook } from './order-event-delivery.service.js';
import { oldestUndelivered } from './order-event-feed.queries.js';

/** How far the webhook is behind, read at each scrape. */
@Injectable()
export class OrderEventLagMetrics {
  constructor(
    metrics: Metrics,
    @InjectDataSource() dataSource: DataSource,
    { target }: OrderEventWebhook,
    clock: Clock,
  ) {
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_order_event_lag_seconds',
        help: 'Age of the oldest order event that the webhook has not acknowledged; 0 if there is none, missing without a webhook',
        labelNames: [],
      },
      async () => {
        if (target === null) return [];
        const at = await oldestUndelivered(dataSource.manager, target.url);
        const ms = at === null ? 0 : clock.now().getTime() - at.getTime();
        return [{ labels: {}, value: Math.max(ms, 0) / 1_000 }];
      },
    );
  }
}
