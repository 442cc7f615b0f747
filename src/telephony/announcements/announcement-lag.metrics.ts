import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { oldestNews } from './interaction-news.queries.js';

/** How long the oldest news of calls and texts waits for its place in the feed, read at each scrape. */
@Injectable()
export class AnnouncementLagMetrics {
  constructor(metrics: Metrics, @InjectDataSource() dataSource: DataSource, clock: Clock) {
    const described = {
      name: 'maskline_announcement_lag_seconds',
      help: 'Age of the oldest call or text whose events have no place in the feed yet; 0 if there is none',
      labelNames: [],
    };
    gaugeOnScrape(metrics, described, async () => {
      const at = await oldestNews(dataSource.manager);
      const ms = at === null ? 0 : clock.now().getTime() - at.getTime();
      return [{ labels: {}, value: Math.max(ms, 0) / 1_000 }];
    });
  }
}
