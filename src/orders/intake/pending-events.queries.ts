import type { EntityManager } from 'typeorm';

import type { OrderNewsType } from './cloud-event.js';

/** An event that is stored and not applied yet, with its sealed data. */
export interface SealedEvent {
  readonly id: string;
  readonly source: string;
  readonly eventId: string;
  readonly type: OrderNewsType;
  readonly reference: string;
  readonly receivedAt: Date;
  readonly data: Buffer;
}

/** The ids of all events that are not applied yet. */
export async function pendingIds(manager: EntityManager): Promise<string[]> {
  const rows = await manager.sql<{ id: string }[]>`
    SELECT event.id::text AS id FROM incoming_events AS event WHERE event.status = 'stored' ORDER BY event.id`;
  return rows.map(({ id }) => id);
}

/** Those of some events that are still not applied. */
export async function pendingEvents(manager: EntityManager, ids: readonly string[]): Promise<SealedEvent[]> {
  return manager.sql<SealedEvent[]>`
    SELECT event.id::text AS id, event.source, event.event_id AS "eventId", event.type, event.reference,
           event.received_at AS "receivedAt", event.data
    FROM incoming_events AS event
    WHERE event.id = ANY(${[...ids]}::bigint[]) AND event.status = 'stored'
    ORDER BY event.id`;
}

/** The orders of some events, and which of the events are not applied yet. */
export async function standOf(
  manager: EntityManager,
  ids: readonly string[],
): Promise<{ id: string; reference: string; isPending: boolean }[]> {
  return manager.sql`
    SELECT event.id::text AS id, event.reference, event.status = 'stored' AS "isPending"
    FROM all_incoming_events AS event
    WHERE event.id = ANY(${[...ids]}::bigint[]) AND event.reference IS NOT NULL`;
}
