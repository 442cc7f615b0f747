import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { makeMonths } from '../../platform/retention/monthly-partitions.js';
import type { EventType } from './event-types.js';
import {
  eventsAfter,
  eventsOfTypes,
  lastPosition,
  placeEvents,
  placeOtherEvents,
  recentEventsOfTypes,
  type FeedEvent,
  type OtherEvent,
  type PlacedEvent,
} from './order-event-feed.queries.js';

const EVENTS_A_BATCH = 1_000;
/** Who follows the feed is behind by fewer places. */
const RECENT_PLACES = 10n * 1_000n;
/** These places were given within this time, except in an hour with few events, and then it is found out. */
const RECENT_SECONDS = 60 * 60;

/** The start of the feed. */
export const BEGINNING = '0';

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** The place from which to go on. Behind it there may be events of other types. */
  readonly next: string;
}

/**
 * All order events as one sequence, which can be read from any place. Events of other types have their places in the
 * same sequence, and are read only by those who ask for them.
 */
@Injectable()
export class OrderEventFeedService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * The events after a place, in sequence, `limit` at most. Includes everything that was committed before this request.
   */
  async after(position: string, limit: number): Promise<PlacedEvent[]> {
    return this.between(position, await this.placeAll(), limit);
  }

  /** The events of these types after a place; null = of all types. Only what has its place already. */
  async page(position: string, limit: number, types: readonly EventType[] | null): Promise<FeedPage> {
    const connections = sharedPool(this.dataSource);
    const end = await lastPosition(connections); // before the events: what is placed meanwhile is read next time
    const isNew = BigInt(position) < BigInt(end) && types?.length !== 0;
    const events = isNew ? await this.eventsUntil(position, end, limit, types) : [];
    const last = events.at(-1)?.position ?? position;
    return { events, next: events.length === limit || BigInt(end) < BigInt(last) ? last : end };
  }

  /** The months of events are read only by those who are far behind, or if an event has been moved to its month already. */
  private async eventsUntil(
    position: string,
    end: string,
    limit: number,
    types: readonly EventType[] | null,
  ): Promise<FeedEvent[]> {
    const connections = sharedPool(this.dataSource);
    if (BigInt(end) - BigInt(position) <= RECENT_PLACES) {
      const range = { position, last: end, placedSince: addSeconds(this.clock.now(), -RECENT_SECONDS) };
      const recent = await recentEventsOfTypes(connections, range, limit, types);
      if (recent !== null) return recent;
    }
    return eventsOfTypes(connections, position, limit, types);
  }

  /** The place of the last event. */
  async end(): Promise<string> {
    return this.placeAll();
  }

  /**
   * A place with all events since an instant after it, and few older ones: events get their places within seconds,
   * except those that waited for a database.
   */
  async before(instant: Date): Promise<string> {
    const connections = sharedPool(this.dataSource);
    let [from, to] = [0n, BigInt(await this.end())];
    while (from < to) {
      const middle = (from + to) / 2n;
      const [event] = await eventsOfTypes(connections, middle.toString(), 1, null);
      if (event && event.at < instant) from = BigInt(event.position) > to ? to : BigInt(event.position);
      else to = middle;
    }
    return from.toString();
  }

  /** Adds events that are not an order's own to the end of the feed. */
  async append(tx: EntityManager, events: readonly OtherEvent[]): Promise<void> {
    if (events.length === 0) return;
    const now = this.clock.now();
    await makeMonths(tx, ['feed_events'], [now]);
    await placeOtherEvents(tx, events, now);
  }

  /** The events after a place up to and including another, which was given before. */
  async between(position: string, last: string, limit: number): Promise<PlacedEvent[]> {
    return eventsAfter(sharedPool(this.dataSource), position, last, limit);
  }

  /** Gives every committed event its place. @returns the last place */
  async placeAll(): Promise<string> {
    return this.placeUntil(Infinity);
  }

  /**
   * Gives committed events their places, until all have one or the time is over (`performance.now()`). @returns the last
   * place
   */
  async placeUntil(stopAt: number): Promise<string> {
    for (;;) {
      const { placed, last } = await this.dataSource.transaction((tx) => placeEvents(tx, EVENTS_A_BATCH));
      if (placed < EVENTS_A_BATCH || performance.now() >= stopAt) return last;
    }
  }
}
