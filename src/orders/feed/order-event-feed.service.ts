import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { sharedPool } from '../../platform/database/statement.js';
import { eventsAfter, placeEvents, type PlacedEvent } from './order-event-feed.queries.js';

const EVENTS_A_BATCH = 1_000;

/** The start of the feed. */
export const BEGINNING = '0';

/** All order events as one sequence, which can be read from any place. */
@Injectable()
export class OrderEventFeedService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * The events after a place, in sequence, `limit` at most. Includes everything that was committed before this request.
   */
  async after(position: string, limit: number): Promise<PlacedEvent[]> {
    await this.placeAll();
    return eventsAfter(sharedPool(this.dataSource), position, limit);
  }

  /** The events after a place up to and including another; both must have been read before. */
  async between(position: string, last: string, limit: number): Promise<PlacedEvent[]> {
    return eventsAfter(sharedPool(this.dataSource), position, limit, last);
  }

  /** Gives every committed event its place. */
  async placeAll(): Promise<void> {
    return this.placeUntil(Infinity);
  }

  /** Gives committed events their places, until all have one or the time is over (`performance.now()`). */
  async placeUntil(stopAt: number): Promise<void> {
    for (let placed = EVENTS_A_BATCH; placed === EVENTS_A_BATCH && performance.now() < stopAt;) {
      placed = await this.dataSource.transaction((tx) => placeEvents(tx, EVENTS_A_BATCH));
    }
  }
}
