import type { EntityManager } from 'typeorm';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { SupplyEvent, SupplyEventKind } from './supply-event.entity.js';

export interface NewSupplyEvent {
  readonly kind: SupplyEventKind;
  readonly detail: string;
  readonly poolId?: string;
  readonly provider?: ProviderName;
  /** A key under which the event is recorded only once; without it, it is recorded every time. */
  readonly deduplicationKey?: string;
  readonly at: Date;
}

/** Records a supply event. @returns whether it is new */
export async function recordSupplyEvent(tx: EntityManager, event: NewSupplyEvent): Promise<boolean> {
  const { poolId = null, provider = null, kind, detail, deduplicationKey = null, at } = event;
  const told = await tx.sql<unknown[]>`
    INSERT INTO supply_events (pool_id, provider, kind, detail, told_as, at)
    VALUES (${poolId}, ${provider}, ${kind}, ${detail}, ${deduplicationKey}, ${at})
    ON CONFLICT (told_as) DO NOTHING
    RETURNING id`;
  return told.length > 0;
}

/** The pool's last event of these kinds; null = none. */
export async function lastEvent(
  tx: EntityManager,
  poolId: string,
  kinds: readonly SupplyEventKind[],
): Promise<Pick<SupplyEvent, 'kind' | 'at'> | null> {
  const [event] = await tx.sql<Pick<SupplyEvent, 'kind' | 'at'>[]>`
    SELECT event.kind, event.at FROM supply_events AS event
    WHERE event.pool_id = ${poolId} AND event.kind = ANY(${kinds}::text[])
    ORDER BY event.at DESC, event.id DESC
    LIMIT 1`;
  return event ?? null;
}

/** A pool's events and those of its providers, newest first. */
export async function eventsOf(
  tx: EntityManager,
  poolId: string,
  providers: readonly (ProviderName | null)[],
  limit: number,
): Promise<Pick<SupplyEvent, 'kind' | 'provider' | 'detail' | 'at'>[]> {
  return tx.sql`
    SELECT event.kind, event.provider, event.detail, event.at
    FROM supply_events AS event
    WHERE event.pool_id = ${poolId} OR (event.pool_id IS NULL AND event.provider = ANY(${providers}::text[]))
    ORDER BY event.at DESC, event.id DESC
    LIMIT ${limit}`;
}
