import type { DataSource, EntityManager } from 'typeorm';

export interface EventToStore {
  readonly source: string;
  readonly eventId: string;
  readonly type: string | null;
  readonly reference: string | null;
  readonly happenedAt: Date;
  /** Sealed; null for an event that is rejected at once. */
  readonly data: Buffer | null;
  /** Why it is rejected at once; null if it is not. */
  readonly reason: string | null;
}

/**
 * Stores events that are not stored yet. Those that were moved to their month are looked up after the insert, as ended
 * orders are when an order is placed.
 *
 * @returns how many are new, and how many of these are rejected
 */
export async function storeEvents(
  tx: EntityManager,
  events: readonly EventToStore[],
  now: Date,
): Promise<{ stored: number; rejected: number }> {
  const inserted = await insertEvents(tx, events, now);
  const ids = inserted.map(({ id }) => id);
  const [again] =
    ids.length === 0
      ? [[]]
      : await tx.sql<[{ id: string }[], number]>`
          DELETE FROM incoming_events AS event USING ended_incoming_events AS ended
          WHERE event.id = ANY(${ids}::bigint[]) AND ended.event_id = event.event_id AND ended.source = event.source
          RETURNING event.id`;
  const fresh = inserted.filter(({ id }) => !again.some((one) => one.id === id));
  return { stored: fresh.length, rejected: fresh.filter(({ isRejected }) => isRejected).length };
}

/** @returns those that were inserted */
async function insertEvents(
  tx: EntityManager,
  events: readonly EventToStore[],
  now: Date,
): Promise<{ id: string; isRejected: boolean }[]> {
  const column = <K extends keyof EventToStore>(name: K) => events.map((event) => event[name]);
  return tx.sql<{ id: string; isRejected: boolean }[]>`
    INSERT INTO incoming_events (source, event_id, type, reference, happened_at, data, reason, status, received_at,
                                 next_try_at)
    SELECT event.source, event.event_id, event.type, event.reference, event.happened_at, event.data, event.reason,
           CASE WHEN event.reason IS NULL THEN 'stored' ELSE 'rejected' END, ${now}::timestamptz,
           CASE WHEN event.reason IS NULL THEN ${now}::timestamptz END
    FROM unnest(${column('source')}::text[], ${column('eventId')}::text[], ${column('type')}::text[],
                ${column('reference')}::text[], ${column('happenedAt')}::timestamptz[], ${column('data')}::bytea[],
                ${column('reason')}::text[])
         AS event (source, event_id, type, reference, happened_at, data, reason)
    ON CONFLICT (source, event_id) DO NOTHING
    RETURNING id, status = 'rejected' AS "isRejected"`;
}

export interface StoredEvent {
  readonly id: string;
  readonly source: string;
  readonly eventId: string;
  readonly reference: string;
  readonly happenedAt: Date;
  readonly receivedAt: Date;
  /** Sealed. */
  readonly data: Buffer;
  readonly tries: number;
}

/**
 * Any constant. Claims are made one after the other, so that the events of one order are never split between two
 * processes.
 */
const CLAIM_LOCK = 7_263_143;

/**
 * Claims up to `limit` events to apply, earliest first, until `claimedUntil`. If the process dies, another one gets
 * them then. Skips orders whose events another process is applying.
 */
export async function claimEvents(
  dataSource: DataSource,
  now: Date,
  claimedUntil: Date,
  limit: number,
): Promise<StoredEvent[]> {
  return dataSource.transaction(async (tx) => {
    await tx.sql`SELECT pg_advisory_xact_lock(${CLAIM_LOCK}::bigint)`;
    // Read by themselves: after a burst PostgreSQL still takes the queue for empty, and would read all of it once for each
    // event of it.
    const claimed = await tx.sql<{ reference: string }[]>`
      SELECT DISTINCT event.reference FROM incoming_events AS event
      WHERE event.status = 'stored' AND event.claimed_until > ${now}`;
    const [events] = await tx.sql<[StoredEvent[], number]>`
      WITH next AS (
        SELECT event.id FROM incoming_events AS event
        WHERE event.status = 'stored' AND event.next_try_at <= ${now}
          AND event.reference <> ALL (${claimed.map(({ reference }) => reference)}::text[])
        ORDER BY event.next_try_at, event.id
        LIMIT ${limit}
      )
      UPDATE incoming_events AS event
      SET claimed_until = ${claimedUntil}, tries = event.tries + 1
      FROM next
      WHERE event.id = next.id
      RETURNING event.id, event.source, event.event_id AS "eventId", event.reference, event.happened_at AS "happenedAt", event.received_at AS "receivedAt",
                event.data, event.tries`;
    return events;
  });
}

/** Marks an event as applied, and deletes its data. */
export async function markApplied(tx: EntityManager, eventId: string): Promise<void> {
  await tx.sql`
    UPDATE incoming_events AS event
    SET status = 'applied', data = NULL, next_try_at = NULL
    WHERE event.id = ${eventId}::bigint AND event.status = 'stored'`;
}

/** Makes events that waited for this order due at once, because it was placed. */
export async function hurry(tx: EntityManager, reference: string, now: Date): Promise<void> {
  await tx.sql`
    UPDATE incoming_events AS event SET next_try_at = ${now}
    WHERE event.status = 'stored' AND event.reference = ${reference} AND event.next_try_at > ${now}
      AND event.claimed_until IS NULL`;
}

/** Rejects an event that can never be applied: stores the reason, and deletes its data. */
export async function markRejected(tx: EntityManager, eventId: string, reason: string): Promise<void> {
  await tx.sql`
    UPDATE incoming_events AS event
    SET status = 'rejected', reason = ${reason}, data = NULL, next_try_at = NULL
    WHERE event.id = ${eventId}::bigint AND event.status = 'stored'`;
}

/** Delays an event that cannot be applied yet. */
export async function putOff(tx: EntityManager, eventId: string, until: Date): Promise<void> {
  await tx.sql`
    UPDATE incoming_events AS event SET next_try_at = ${until}, claimed_until = NULL
    WHERE event.id = ${eventId}::bigint AND event.status = 'stored'`;
}

export interface RejectedEvent {
  readonly id: string;
  readonly source: string;
  readonly eventId: string;
  readonly type: string | null;
  readonly reference: string | null;
  readonly reason: string;
  readonly receivedAt: Date;
}

/** Rejected events, newest first, before `cursor` if given. */
export async function rejectedEvents(
  tx: EntityManager,
  limit: number,
  cursor: string | null,
): Promise<RejectedEvent[]> {
  return tx.sql<RejectedEvent[]>`
    SELECT event.id, event.source, event.event_id AS "eventId", event.type, event.reference, event.reason,
           event.received_at AS "receivedAt"
    FROM all_incoming_events AS event
    WHERE event.status = 'rejected' AND (${cursor}::bigint IS NULL OR event.id < ${cursor}::bigint)
    ORDER BY event.id DESC
    LIMIT ${limit}`;
}
