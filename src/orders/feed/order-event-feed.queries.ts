import type { EntityManager } from 'typeorm';

import type { OrderEventKind } from '../order/order-event.entity.js';

/** An event at its place in the feed. */
export interface PlacedEvent {
  /** Grows along the feed, with gaps; a decimal number. */
  readonly position: string;
  readonly reference: string;
  readonly kind: OrderEventKind;
  readonly at: Date;
}

/**
 * Gives events that have none their place at the feed's end, oldest first, at most `limit` at once. Those who do so take
 * turns, so no place is ever given before one that somebody has read. An order's events keep their order: each was
 * written under the lock of the order. @returns how many got one
 */
export async function placeEvents(tx: EntityManager, limit: number): Promise<number> {
  await tx.sql`SELECT FROM order_event_feed AS feed FOR UPDATE OF feed`;
  const [row] = await tx.sql<[{ placed: number }]>`
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
    SELECT count(*)::integer AS placed FROM placed`;
  return row.placed;
}

/** The events behind a place in the feed, in its order, and not behind `last` where it is given. */
export async function eventsAfter(
  manager: EntityManager,
  position: string,
  limit: number,
  last: string | null = null,
): Promise<PlacedEvent[]> {
  return manager.sql<PlacedEvent[]>`
    SELECT event.position::text AS position, orders.reference, event.kind, event.at
    FROM order_events AS event
    JOIN orders ON orders.id = event.order_id
    WHERE event.position > ${position}::bigint AND (${last}::bigint IS NULL OR event.position <= ${last}::bigint)
    ORDER BY event.position
    LIMIT ${limit}`;
}

export interface Delivery {
  readonly deliveredTo: string;
  /** In vain so far, for the events that come next. */
  readonly attempts: number;
  /** Where the batch ends that was sent and not acknowledged; null = none was. */
  readonly sendingTo: string | null;
}

/**
 * Takes the turn to deliver to this URL, until then. Null when it is somebody else's turn, or nobody's before the next
 * attempt is due. A URL that is new begins with what happens from now on.
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
 * Writes down where a batch ends before it is sent: whatever becomes of it, the next attempt sends the same events.
 *
 * @returns false when somebody else has taken the turn meanwhile.
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

/** Gives the turn back. Never moves backwards: somebody slow may come after another who took the turn meanwhile. */
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
