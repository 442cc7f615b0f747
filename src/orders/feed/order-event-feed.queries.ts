import type { EntityManager } from 'typeorm';

import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import type { EventType } from './event-types.js';
import type { OrderEventKind } from '../order/order-event.entity.js';

/** An event at its place in the feed. */
export interface PlacedEvent {
  /** Increases along the feed, with gaps; a decimal number. */
  readonly position: string;
  readonly reference: string;
  readonly kind: OrderEventKind;
  readonly at: Date;
}

interface Placed {
  /** How many events got their place. */
  readonly placed: number;
  /** The last place that was given. */
  readonly last: string;
}

/**
 * Gives events without a place the next ones at the end of the feed, oldest first, at most `limit` at once. Processes
 * take turns, so no place is ever given before one that somebody has read. The events of an order keep their sequence,
 * because each was written under the order's lock.
 */
export async function placeEvents(tx: EntityManager, limit: number): Promise<Placed> {
  await tx.sql`SELECT FROM order_event_feed AS feed FOR UPDATE OF feed`;
  const [row] = await tx.sql<[Placed]>`
    WITH oldest AS (
      SELECT event.id, row_number() OVER (ORDER BY event.id) AS rank
      FROM (SELECT id FROM order_events WHERE position IS NULL ORDER BY id LIMIT ${limit}) AS event
    ), placed AS (
      UPDATE order_events AS event
      SET position = feed.last_position + oldest.rank
      FROM oldest, order_event_feed AS feed
      WHERE event.id = oldest.id
      RETURNING event.position
    ), moved AS (
      UPDATE order_event_feed AS feed
      SET last_position = GREATEST(feed.last_position, (SELECT max(placed.position) FROM placed))
      WHERE EXISTS (SELECT FROM placed)
    )
    SELECT count(*)::integer AS placed,
           GREATEST((SELECT feed.last_position FROM order_event_feed AS feed), max(placed.position))::text AS last
    FROM placed`;
  return row;
}

/**
 * The events after a place in the feed up to and including `last`, in sequence. The newest are live mostly, so the ended
 * ones are searched only if a place is missing among them.
 *
 * @param last a place that was given
 */
export async function eventsAfter(
  connections: Connections,
  position: string,
  last: string,
  limit: number,
): Promise<PlacedEvent[]> {
  if (BigInt(position) >= BigInt(last)) return [];
  const values = [position, last];
  const { rows: live } = await connections.query<PlacedEvent>({ ...liveEvents(limit), values });
  if (isWhole(live, position, last, limit)) return live;
  return (await connections.query<PlacedEvent>({ ...allEvents(limit), values })).rows;
}

/**
 * Whether no place after `position` is missing. Places of other events, and those that were never given, are taken to be
 * missing too.
 */
function isWhole(events: readonly PlacedEvent[], position: string, last: string, limit: number): boolean {
  const end = events.at(-1)?.position;
  if (end === undefined || BigInt(end) !== BigInt(position) + BigInt(events.length)) return false;
  return events.length === limit || end === last;
}

/**
 * The limits are part of the texts: PostgreSQL would plan the statements again each time for a limit that it does not
 * know.
 */
const liveEvents = (limit: number): Statement => ({
  name: `live-events-after-${limit}`,
  text: `
    SELECT page.position::text AS position, orders.reference, page.kind, page.at
    FROM (SELECT event.position, event.order_id, event.kind, event.at
          FROM order_events AS event
          WHERE event.position > $1::bigint AND event.position <= $2::bigint
          ORDER BY event.position LIMIT ${limit}) AS page
    JOIN orders ON orders.id = page.order_id
    ORDER BY page.position`,
});
const allEvents = (limit: number): Statement => ({
  name: `events-after-${limit}`,
  plan: 'once',
  text: `
    SELECT page.position::text AS position, COALESCE(live.reference, ended.reference) AS reference, page.kind, page.at
    FROM (SELECT event.position, event.order_id, event.over_at, event.kind, event.at
          FROM all_order_events AS event
          WHERE event.position > $1::bigint AND event.position <= $2::bigint
          ORDER BY event.position LIMIT ${limit}) AS page
    LEFT JOIN orders AS live ON live.id = page.order_id
    LEFT JOIN ended_orders AS ended ON ended.id = page.order_id AND ended.over_at = page.over_at
    ORDER BY page.position`,
});

/** An event of any type, at its place in the feed. */
export interface FeedEvent {
  readonly position: string;
  readonly type: EventType;
  /** An order's reference, or what else it is about. */
  readonly subject: string;
  readonly at: Date;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event that is not an order's own. */
export type OtherEvent = Omit<FeedEvent, 'position'>;

/** The newest part of the feed, in which a place that is missing shows that an event was moved to its month. */
export interface RecentRange {
  readonly position: string;
  /** A place that was given. */
  readonly last: string;
  /** No event that is not an order's own got its place before this instant, or a place will be found missing. */
  readonly placedSince: Date;
}

/**
 * The events of these types in the newest part of the feed, in sequence, from the live tables and the month of now; null
 * if there are others.
 */
export async function recentEventsOfTypes(
  connections: Connections,
  { position, last, placedSince }: RecentRange,
  limit: number,
  types: readonly EventType[] | null,
): Promise<FeedEvent[] | null> {
  const { rows } = await connections.query<FeedEvent & { places: string }>({
    ...recentOfTypes(limit),
    values: [position, last, types, placedSince.toISOString()],
  });
  if (BigInt(rows[0]!.places) !== BigInt(last) - BigInt(position)) return null;
  return rows.filter(({ type }) => type !== null).map(({ places, ...event }) => event);
}

const IN_RANGE = 'event.position > $1::bigint AND event.position <= $2::bigint';
const PLACED_SINCE = `event.placed_at >= ${monthBound('$4')}`;

/** Has a row without an event if there is none. */
const recentOfTypes = (limit: number): Statement => ({
  name: `recent-events-of-types-${limit}`,
  plan: 'once',
  text: `
    SELECT counted.places::text AS places, page.position::text AS position, page.type, page.at,
           COALESCE(page.subject, live.reference) AS subject,
           COALESCE(page.data, jsonb_build_object('reference', live.reference)) AS data
    FROM (SELECT (SELECT count(*) FROM order_events AS event WHERE ${IN_RANGE})
                 + (SELECT count(*) FROM feed_events AS event WHERE ${IN_RANGE} AND ${PLACED_SINCE}) AS places) AS counted
    LEFT JOIN (
      SELECT event.* FROM (
        (SELECT event.position, event.kind AS type, event.at, event.order_id, NULL::text AS subject, NULL::jsonb AS data
         FROM order_events AS event
         WHERE ${IN_RANGE} AND ($3::text[] IS NULL OR event.kind = ANY($3))
         ORDER BY event.position LIMIT ${limit})
        UNION ALL
        (SELECT event.position, event.type, event.at, NULL, event.subject, event.data
         FROM feed_events AS event
         WHERE ${IN_RANGE} AND ${PLACED_SINCE} AND ($3::text[] IS NULL OR event.type = ANY($3))
         ORDER BY event.position LIMIT ${limit})
      ) AS event ORDER BY event.position LIMIT ${limit}
    ) AS page ON true
    LEFT JOIN orders AS live ON live.id = page.order_id
    ORDER BY page.position`,
});

/** The events of these types after a place in the feed, in sequence; null = of all types. Reads all months. */
export async function eventsOfTypes(
  connections: Connections,
  position: string,
  limit: number,
  types: readonly EventType[] | null,
): Promise<FeedEvent[]> {
  const { rows } = await connections.query<FeedEvent>({
    name: `events-of-types-${limit}`,
    plan: 'once',
    text: `
      SELECT page.position::text AS position, page.type, page.at,
             COALESCE(page.subject, live.reference, ended.reference) AS subject,
             COALESCE(page.data, jsonb_build_object('reference', COALESCE(live.reference, ended.reference))) AS data
      FROM (
        SELECT event.* FROM (
          (SELECT event.position, event.kind AS type, event.at, event.order_id, event.over_at,
                  NULL::text AS subject, NULL::jsonb AS data
           FROM all_order_events AS event
           WHERE event.position > $1::bigint AND ($2::text[] IS NULL OR event.kind = ANY($2))
           ORDER BY event.position LIMIT ${limit})
          UNION ALL
          (SELECT event.position, event.type, event.at, NULL, NULL, event.subject, event.data
           FROM feed_events AS event
           WHERE event.position > $1::bigint AND ($2::text[] IS NULL OR event.type = ANY($2))
           ORDER BY event.position LIMIT ${limit})
        ) AS event ORDER BY event.position LIMIT ${limit}
      ) AS page
      LEFT JOIN orders AS live ON live.id = page.order_id
      LEFT JOIN ended_orders AS ended ON ended.id = page.order_id AND ended.over_at = page.over_at
      ORDER BY page.position`,
    values: [position, types],
  });
  return rows;
}

/** Gives events their places at the end of the feed. The partition of the month must exist. */
export async function placeOtherEvents(tx: EntityManager, events: readonly OtherEvent[], now: Date): Promise<void> {
  await tx.sql`SELECT FROM order_event_feed AS feed FOR UPDATE OF feed`;
  await tx.sql`
    WITH placed AS (
      INSERT INTO feed_events (placed_at, position, type, subject, at, data)
      SELECT ${now}::timestamptz, feed.last_position + one.rank, one.type, one.subject, one.at, one.data
      FROM order_event_feed AS feed,
        jsonb_to_recordset(${JSON.stringify(events.map((event, index) => ({ rank: index + 1, ...event })))}::jsonb)
          AS one (rank integer, type text, subject text, at timestamptz, data jsonb)
    )
    UPDATE order_event_feed AS feed SET last_position = feed.last_position + ${events.length}::integer`;
}

/** The place of the last event in the feed. Every event up to it can be read. */
export async function lastPosition(connections: Connections): Promise<string> {
  const { rows } = await connections.query<{ position: string }>({
    name: 'last-position',
    text: 'SELECT feed.last_position::text AS position FROM order_event_feed AS feed',
  });
  return rows[0]!.position;
}

export interface Delivery {
  readonly deliveredTo: string;
  /** Failed attempts to send the next events. */
  readonly attempts: number;
  /** The end of the batch that was sent and not acknowledged; null = none. */
  readonly sendingTo: string | null;
}

/**
 * Claims the delivery to this URL until the given instant. Null if another process has it, or the next attempt is not
 * due. A new URL starts with events from now on.
 */
export async function takeDelivery(
  manager: EntityManager,
  url: string,
  now: Date,
  until: Date,
): Promise<Delivery | null> {
  await manager.sql`
    INSERT INTO order_event_deliveries (url, delivered_to, next_attempt_at)
    SELECT ${url}, feed.last_position, ${now}::timestamptz FROM order_event_feed AS feed
    ON CONFLICT (url) DO NOTHING`;
  const [rows] = await manager.sql<[Delivery[], number]>`
    UPDATE order_event_deliveries AS delivery
    SET next_attempt_at = ${until}
    WHERE delivery.url = ${url} AND delivery.next_attempt_at <= ${now}
    RETURNING delivery.delivered_to::text AS "deliveredTo", delivery.attempts,
              delivery.sending_to::text AS "sendingTo"`;
  return rows[0] ?? null;
}

/**
 * Stores the end of a batch before it is sent, so that every further attempt sends the same events.
 *
 * @returns false if another process has claimed the delivery meanwhile
 */
export async function beginBatch(
  manager: EntityManager,
  url: string,
  { deliveredTo }: Delivery,
  sendingTo: string,
): Promise<boolean> {
  const [, begun] = await manager.sql<[unknown[], number]>`
    UPDATE order_event_deliveries AS delivery
    SET sending_to = ${sendingTo}::bigint
    WHERE delivery.url = ${url} AND delivery.delivered_to = ${deliveredTo}::bigint AND delivery.sending_to IS NULL`;
  return begun === 1;
}

/**
 * Releases the claim. Never moves backwards, because a slow process may finish after another one that claimed the
 * delivery meanwhile.
 */
export async function settleDelivery(
  manager: EntityManager,
  url: string,
  { deliveredTo, attempts }: Pick<Delivery, 'deliveredTo' | 'attempts'>,
  nextAttemptAt: Date,
): Promise<void> {
  await manager.sql`
    UPDATE order_event_deliveries AS delivery
    SET delivered_to = GREATEST(delivery.delivered_to, ${deliveredTo}::bigint), attempts = ${attempts},
        sending_to = CASE WHEN delivery.sending_to > ${deliveredTo}::bigint THEN delivery.sending_to END,
        next_attempt_at = ${nextAttemptAt}
    WHERE delivery.url = ${url}`;
}

/** When the oldest event was written that this URL has not acknowledged; null = none. A URL never used has none. */
export async function oldestUndelivered(manager: EntityManager, url: string): Promise<Date | null> {
  const [row] = await manager.sql<[{ at: Date | null }]>`
    SELECT LEAST(
      (SELECT event.at FROM order_events AS event
       WHERE event.position > delivery.delivered_to ORDER BY event.position LIMIT 1),
      (SELECT event.at FROM order_events AS event WHERE event.position IS NULL ORDER BY event.id LIMIT 1)
    ) AS at
    FROM order_event_deliveries AS delivery
    WHERE delivery.url = ${url}`;
  return row?.at ?? null;
}
