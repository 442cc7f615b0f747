import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { OrderEventFeedService } from '../../orders/feed/order-event-feed.service.js';
import { OrderViewsService } from '../../orders/views/order-views.service.js';
import { eventsOf } from './interaction-events.js';
import { takeNews } from './interaction-news.queries.js';

const NEWS_A_BATCH = 500;
/** A run stops after this time; the next one continues. */
const RUN_MS = 20_000;

/**
 * Gives what happened to calls and texts its place in the feed, in the sequence in which it was recorded. Calls are not
 * delayed by it: they only note what happened, in the statement that records it.
 */
@Injectable()
export class InteractionEvents {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly feed: OrderEventFeedService,
    private readonly orders: OrderViewsService,
  ) {}

  /** Announces what is new, unless another process is announcing. @returns how much */
  async announce(): Promise<number> {
    const stopAt = performance.now() + RUN_MS;
    let announced = 0;
    for (let batch = NEWS_A_BATCH; batch === NEWS_A_BATCH && performance.now() < stopAt; announced += batch) {
      batch = await this.dataSource.transaction(async (tx) => this.announceBatch(tx));
    }
    return announced;
  }

  private async announceBatch(tx: EntityManager): Promise<number> {
    const news = await takeNews(tx, NEWS_A_BATCH);
    const orderIds = [...new Set(news.map(({ orderId }) => orderId).filter((id) => id !== null))];
    const references = await this.orders.referencesOf(orderIds);
    const events = news.flatMap((one) => {
      const reference = one.orderId === null ? null : references.get(one.orderId);
      return reference === undefined ? [] : eventsOf(one, reference); // the order was deleted meanwhile
    });
    await this.feed.append(tx, events);
    return news.length;
  }
}
