import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { makeMonths, monthOf, monthsBefore, type Month } from '../../platform/retention/monthly-partitions.js';
import { movingHasBegun } from '../../platform/retention/moving.queries.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { OrderEventFeedService } from '../feed/order-event-feed.service.js';
import {
  leaveUntil,
  lockOrdersToMove,
  longestWait,
  moveOrders,
  pendingOf,
  type EndedOrder,
} from './ended-orders.queries.js';
import { TABLES_OF_ORDERS } from './tables-of-orders.js';

const ORDERS_A_BATCH = 500;
/** A run stops after this time; the next one continues. */
const RUN_MS = 8_000;
/** A request that found the order as it was before has ended by then. */
const AFTER_QUARANTINE_SECONDS = 60;
const AGAIN_SECONDS = 10 * 60;
const MOVED = ['orders', ...TABLES_OF_ORDERS.filter(({ goes }) => goes === 'moved').map(({ table }) => table)].map(
  (table) => `ended_${table}`,
);

/**
 * Moves orders whose quarantine is over, and everything that belongs to them, out of the tables that calls and orders
 * use, into partitions by month. There they answer as before, until their month is dropped. Uses small transactions that
 * skip locked orders, so any number of processes may do it at once.
 */
@Injectable()
export class EndedOrdersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly feed: OrderEventFeedService,
    metrics: Metrics,
  ) {
    const described = {
      name: 'maskline_ended_orders_wait_seconds',
      help: 'How long the ended order that waits longest could have been moved to its month',
      labelNames: [],
    };
    gaugeOnScrape(metrics, described, async () => [
      { labels: {}, value: await longestWait(this.dataSource.manager, this.clock.now()) },
    ]);
  }

  /** Moves what can be moved, for a few seconds at most. @returns how many orders */
  async moveWhatIsOver(): Promise<number> {
    if (!(await movingHasBegun(this.dataSource.manager, this.clock.now()))) return 0;
    const stopAt = performance.now() + RUN_MS;
    await this.feed.placeUntil(stopAt); // an event that has no place in the feed yet would be missing there
    let moved = 0;
    for (let batch = ORDERS_A_BATCH; batch === ORDERS_A_BATCH && performance.now() < stopAt;) {
      const found = await this.moveBatch();
      batch = found.found;
      moved += found.moved;
    }
    return moved;
  }

  private async moveBatch(): Promise<{ found: number; moved: number }> {
    return retryOnConflict(this.dataSource, async (tx) => {
      const now = this.clock.now();
      const orders = await lockOrdersToMove(tx, addSeconds(now, -AFTER_QUARANTINE_SECONDS), ORDERS_A_BATCH);
      if (orders.length === 0) return { found: 0, moved: 0 };
      const pending = await pendingOf(
        tx,
        orders.map(({ id }) => id),
      );
      const over = orders.filter(({ id }) => !pending.has(id));
      if (pending.size > 0) await leaveUntil(tx, [...pending], addSeconds(now, AGAIN_SECONDS));
      if (over.length > 0) {
        await makeMonths(tx, MOVED, monthsFrom(over, now));
        await moveOrders(tx, over);
      }
      return { found: orders.length, moved: over.length };
    });
  }
}

/** The months from the first end of an order until now: calls of an order come until its quarantine is over. */
function monthsFrom(orders: readonly EndedOrder[], now: Date): Month[] {
  const first = monthOf(new Date(Math.min(...orders.map(({ overAt }) => overAt.getTime()))));
  const months: Month[] = [];
  for (let month = first; month <= now; month = monthsBefore(month, -1)) months.push(month);
  return months;
}
