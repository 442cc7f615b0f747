import type { EntityManager } from 'typeorm';

import type { E164 } from '../phone-number/e164.js';
import type { Pool } from '../virtual-numbers/pool.entity.js';
import type { PurchaseState } from './number-purchase.entity.js';

/** Writes down that a number is about to be bought. @returns the purchase's id; null when it is being bought already */
export async function order(tx: EntityManager, pool: Pool, number: E164, now: Date): Promise<string | null> {
  const [purchase] = await tx.sql<{ id: string }[]>`
    INSERT INTO number_purchases (pool_id, provider, number, state, ordered_at)
    VALUES (${pool.id}, ${pool.provider}, ${number}, 'ordered', ${now})
    ON CONFLICT (number) WHERE state = 'ordered' DO NOTHING
    RETURNING id`;
  return purchase?.id ?? null;
}

/** Moves a purchase on; a settled one stays as it is. */
export async function settle(
  tx: EntityManager,
  purchaseId: string,
  state: Exclude<PurchaseState, 'ordered' | 'configured'>,
  now: Date,
  facts: { reason?: string; rent?: string | null; currency?: string | null } = {},
): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase
    SET state = ${state}, settled_at = ${now}, reason = ${facts.reason ?? null}, rent = ${facts.rent ?? null}::numeric,
        currency = ${facts.currency ?? null}
    WHERE purchase.id = ${purchaseId} AND purchase.state = 'ordered'`;
}

/** A bought number's calls reach us now. */
export async function markConfigured(tx: EntityManager, number: E164): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase SET state = 'configured'
    WHERE purchase.number = ${number} AND purchase.state = 'owned'`;
}

export interface OpenPurchase {
  readonly id: string;
  readonly number: E164;
  readonly orderedAt: Date;
}

/** Purchases of the pool of which we do not know whether they were made. */
export async function openPurchases(tx: EntityManager, poolId: string): Promise<OpenPurchase[]> {
  return tx.sql<OpenPurchase[]>`
    SELECT purchase.id, purchase.number, purchase.ordered_at AS "orderedAt"
    FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${poolId} AND purchase.state = 'ordered'
    ORDER BY purchase.ordered_at`;
}
