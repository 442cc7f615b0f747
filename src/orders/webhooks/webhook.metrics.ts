import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { DISABLED_BECAUSE } from './webhook-endpoint.js';
import { countEndpoints } from './webhook-endpoints.queries.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';

const ENABLED = 'enabled';

/** How far each endpoint is behind, and how many are disabled, read at each scrape. */
@Injectable()
export class WebhookMetrics {
  constructor(metrics: Metrics, @InjectDataSource() dataSource: DataSource, endpoints: WebhookEndpointsService) {
    const lag = {
      name: 'maskline_webhook_lag_seconds',
      help: 'Age of the oldest event that an enabled webhook endpoint has not acknowledged; 0 if there is none',
      labelNames: ['endpoint'],
    } as const;
    gaugeOnScrape(metrics, lag, async () => {
      return [...(await endpoints.lags())].map(([endpoint, value]) => ({ labels: { endpoint }, value }));
    });
    const states = {
      name: 'maskline_webhook_endpoints',
      help: 'Webhook endpoints that are enabled, or disabled for a reason: requested, gone, failing, restored',
      labelNames: ['state'],
    } as const;
    gaugeOnScrape(metrics, states, async () => {
      const counted = await countEndpoints(dataSource);
      return [ENABLED, ...DISABLED_BECAUSE].map((state) => ({
        labels: { state },
        value: counted.find(({ disabledBecause }) => (disabledBecause ?? ENABLED) === state)?.endpoints ?? 0,
      }));
    });
  }
}
