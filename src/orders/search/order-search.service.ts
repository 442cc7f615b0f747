import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool, type Connections } from '../../platform/database/statement.js';
import { pageOf, placeCursor, readPlace, type Place } from '../../platform/http/cursor-page.js';
import { monthsBack, type Months } from '../../platform/retention/months-back.js';
import { monthOf } from '../../platform/retention/monthly-partitions.js';
import { AssignmentHistoryService } from '../../virtual-numbers/history/assignment-history.service.js';
import type { NumberSpan, Serving, ServingAsked } from '../../virtual-numbers/history/orders-of-number.queries.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { findOrder, ordersById, ordersByReferences } from '../order/known-orders.queries.js';
import type { Order } from '../order/order.entity.js';
import { participationsOf, type Participation } from '../participants/participations.queries.js';
import { OrderViewsService, type OrderView } from '../views/order-views.service.js';
import { ordersOfPhone } from './orders-of-phone.queries.js';

/** By how much the clock of a process that assigns numbers may be ahead of ours. */
const CLOCKS_DIFFER_SECONDS = 60;

/** An order, and why it was found. */
export interface FoundOrder {
  readonly view: OrderView;
  /** Whose phone it is; empty if the search was not by a phone. */
  readonly people: readonly Participation[];
  /** When the number served it, oldest first; empty if the search was not by a number. */
  readonly spans: readonly NumberSpan[];
}

export interface FoundPage {
  readonly orders: readonly FoundOrder[];
  readonly nextCursor: string | null;
}

/** Which part of the orders that were found a request asks for. */
export interface PageAsked {
  /** The names of the pools whose orders may be shown; null = all. */
  readonly pools: readonly string[] | null;
  readonly limit: number;
  readonly cursor: string | undefined;
}

type Ids = readonly string[] | null;

/** An order at the last time that it got a number. */
interface ServedOrder {
  readonly order: Order;
  readonly spans: readonly NumberSpan[];
  readonly place: Place;
}

/** Finds orders, open and ended, by what support staff know of a call. Contains no phone in clear. */
@Injectable()
export class OrderSearchService {
  private readonly reading: Connections;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly history: AssignmentHistoryService,
    private readonly pools: PoolsService,
    private readonly views: OrderViewsService,
  ) {
    this.reading = sharedPool(dataSource);
  }

  /** The orders that contain one of some phones (keyed lookups), newest first. @throws InvalidRequest for an invalid cursor */
  async byPhone(phoneKeys: readonly Buffer[], { pools, limit, cursor }: PageAsked): Promise<FoundPage> {
    const before = readPlace(cursor, 'uuid');
    const poolIds = await this.idsOf(pools);
    const orders = await ordersOfPhone(this.reading, { phoneKeys, poolIds, before, limit: limit + 1 });
    const { page, nextCursor } = pageOf(orders, limit, ({ placedAt, id }) => placeCursor({ at: placedAt, id }));
    const ids = page.map(({ id }) => id);
    const [views, people] = await Promise.all([
      this.views.views(page),
      page.length === 0 ? [] : participationsOf(this.dataSource.manager, phoneKeys, ids),
    ]);
    const found = views.map((view) => ({
      view,
      people: people.filter(({ orderId }) => orderId === view.order.id),
      spans: [],
    }));
    return { orders: found, nextCursor };
  }

  /** The order with a reference. If there is none, those whose references are the same in other letters, newest first. */
  async byReference(reference: string, pools: PageAsked['pools']): Promise<FoundPage> {
    const exact = await this.only(await findOrder(this.reading, { reference }), pools);
    if (exact.orders.length > 0) return exact;
    const alike = await ordersByReferences(this.reading, inOtherLetters(reference));
    const poolIds = await this.idsOf(pools);
    const views = await this.views.views(alike.filter((order) => isIn(order, poolIds)));
    return { orders: views.map((view) => ({ view, people: [], spans: [] })), nextCursor: null };
  }

  /**
   * The order of a call. At most one.
   *
   * @param callOverAt the month in which the call is; null = it is not moved. That of its order is the same one, or one
   *   before: a call after the order's grace has its own.
   */
  async byId(orderId: string, callOverAt: Date | null, pools: PageAsked['pools']): Promise<FoundPage> {
    for (const months of monthsBack(callOverAt ?? this.latest())) {
      const [order] = await ordersById(this.reading, [orderId], months);
      if (order) return this.only(order, pools);
    }
    return { orders: [], nextCursor: null };
  }

  /**
   * The orders that numbers of ours served, by the last time that they got one, newest first. Those that were deleted are
   * left out.
   *
   * @throws InvalidRequest for an invalid cursor
   */
  async byNumbers(numbers: readonly E164[], { pools, limit, cursor }: PageAsked): Promise<FoundPage> {
    const poolIds = await this.idsOf(pools);
    const before = readPlace(cursor, 'uuid');
    const found = await Promise.all(
      numbers.map((number) => this.servedBy({ number, before, limit: limit + 1 }, poolIds)),
    );
    const newest = found.flat().toSorted((one, other) => comparePlaces(other.place, one.place));
    const { page, nextCursor } = pageOf(newest, limit, ({ place }) => placeCursor(place));
    const views = await this.views.views(page.map(({ order }) => order));
    return { orders: views.map((view, index) => ({ view, people: [], spans: page[index]!.spans })), nextCursor };
  }

  /** The newest orders of a number, `limit` of them if there are as many. */
  private async servedBy({ number, before: first, limit }: ServingAsked, poolIds: Ids): Promise<ServedOrder[]> {
    const found: ServedOrder[] = [];
    let before = first;
    for (let isOver = false; !isOver && found.length < limit;) {
      const served = await this.history.ordersServed({ number, before, limit }, this.latest());
      found.push(...(await this.servedOrders(number, served, poolIds)));
      const last = served.at(-1);
      isOver = served.length < limit;
      before = last ? { at: last.assignedAt, id: last.orderId } : before;
    }
    return found;
  }

  /** The orders themselves, each at the last time that it got the number. */
  private async servedOrders(number: E164, served: readonly Serving[], poolIds: Ids): Promise<ServedOrder[]> {
    if (served.length === 0) return [];
    const since = served.at(-1)!.assignedAt; // the grace of an order ends after it got its numbers
    const ids = [...new Set(served.map(({ orderId }) => orderId))];
    const known = await ordersById(this.reading, ids, { from: monthOf(since).toISOString(), until: 'infinity' });
    const orders = known.filter((order) => isIn(order, poolIds));
    if (orders.length === 0) return [];
    const months = monthsOf(orders, since, this.latest());
    const spans = await this.history.spansOf({ number, orderIds: orders.map(({ id }) => id), ...months });
    return served.flatMap(({ orderId, assignedAt }) => {
      const order = orders.find(({ id }) => id === orderId);
      const own = spans.filter((span) => span.orderId === orderId);
      const last = Math.max(...own.map((span) => span.assignedAt.getTime()));
      if (!order || last !== assignedAt.getTime()) return []; // it is further up in the list
      return [{ order, spans: own, place: { at: assignedAt, id: orderId } }];
    });
  }

  private async only(order: Order | null, pools: PageAsked['pools']): Promise<FoundPage> {
    if (!order || !isIn(order, await this.idsOf(pools))) return { orders: [], nextCursor: null };
    const [view] = await this.views.views([order]);
    return { orders: [{ view: view!, people: [], spans: [] }], nextCursor: null };
  }

  /** No number was assigned later, by any process. */
  private latest(): Date {
    return addSeconds(this.clock.now(), CLOCKS_DIFFER_SECONDS);
  }

  private async idsOf(pools: PageAsked['pools']): Promise<Ids> {
    return pools && this.pools.idsOf(pools);
  }
}

function isIn({ poolId }: Order, poolIds: Ids): boolean {
  return poolIds === null || poolIds.includes(poolId);
}

function comparePlaces(one: Place, other: Place): number {
  return one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1);
}

/** How people write a reference whose letters they do not remember. Each is looked up in the index of references. */
function inOtherLetters(reference: string): string[] {
  const [small, capital] = [reference.toLowerCase(), reference.toUpperCase()];
  const spellings = new Set([small, capital, capital.slice(0, 1) + small.slice(1)]);
  return [...spellings].filter((spelling) => spelling !== reference);
}

/** The months in which these orders can have got numbers, of which they got one at an instant. */
function monthsOf(orders: readonly Order[], gotOne: Date, latest: Date): Months {
  const from = Math.min(gotOne.getTime(), ...orders.map(({ placedAt }) => placedAt.getTime()));
  const until = Math.max(...orders.map(({ overAt }) => (overAt ?? latest).getTime()));
  return { from: monthOf(new Date(from)).toISOString(), until: new Date(until + 1).toISOString() };
}
