import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { eventsAfter, placeEvents, type PlacedEvent } from './order-event-feed.queries.js';

const EVENTS_A_BATCH = 1_000;

/** Where the feed begins. */
export const BEGINNING = '0';

/** Everything that happens to orders, as one list to be followed from any of its places. */
@Injectable()
export class OrderEventFeedService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The events behind a place, in their order, `limit` at most. What was committed before the call is in it. */
  async after(position: string, limit: number): Promise<PlacedEvent[]> {
    await this.placeAll();
    return eventsAfter(this.dataSource.manager, position, limit);
  }

  /** The events behind a place as far as another, both as they were read before. */
  async between(position: string, last: string, limit: number): Promise<PlacedEvent[]> {
    return eventsAfter(this.dataSource.manager, position, limit, last);
  }

  /** Gives every event that has been committed its place. */
  async placeAll(): Promise<void> {
    for (let placed = EVENTS_A_BATCH; placed === EVENTS_A_BATCH;) {
      placed = await this.dataSource.transaction((tx) => placeEvents(tx, EVENTS_A_BATCH));
    }
  }
}
