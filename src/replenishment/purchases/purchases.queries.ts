import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { OfferedNumber } from '../../telephony/providers/number-provider.js';
import type { Pool, ProviderName } from '../../virtual-numbers/pools/pool.entity.js';
import type { RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import type { PurchaseState } from './number-purchase.entity.js';

/** A list that lacks a sold number may be late or lie; so many in a row, over so long, are believed. */
export const LISTS_BELIEVED = 3;
export const LISTED_WITHIN_SECONDS = 2 * 60;
/** Lists that lack numbers which the provider has do not count, but for so long only: else a purchase might never end. */
export const ANY_LIST_BELIEVED_AFTER_SECONDS = 60 * 60;
/** For how long a number is looked out for that the provider may have sold after all. */
const LATE_FOR_DAYS = 30;

/** Makes an offered number this pool's to try. @returns the purchase's id; null when somebody is buying it already */
export async function want(
  tx: EntityManager,
  pool: Pool,
  provider: ProviderName,
  { number, rent }: OfferedNumber,
  now: Date,
): Promise<string | null> {
  const [purchase] = await tx.sql<{ id: string }[]>`
    INSERT INTO number_purchases (pool_id, provider, number, state, rent, wanted_at)
    VALUES (${pool.id}, ${provider}, ${number}, 'wanted', ${rent}::numeric, ${now})
    ON CONFLICT (number) WHERE state IN ('wanted', 'ordered') DO NOTHING
    RETURNING id`;
  return purchase?.id ?? null;
}

/** The provider is about to be asked. @returns whether it is; not when somebody else has settled the purchase meanwhile */
export async function order(tx: EntityManager, purchaseId: string, rent: string | null, now: Date): Promise<boolean> {
  const [, count] = await tx.sql<[unknown, number]>`
    UPDATE number_purchases AS purchase
    SET state = 'ordered', ordered_at = ${now}, rent = ${rent}::numeric
    WHERE purchase.id = ${purchaseId} AND purchase.state = 'wanted'`;
  return count === 1;
}

/** The provider has sold it, whatever we thought of it before. */
export async function own(tx: EntityManager, purchaseId: string, rented: RentedNumber, now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase
    SET state = 'owned', settled_at = ${now}, reason = NULL,
        rent = COALESCE(${rented.rent ?? null}::numeric, purchase.rent),
        currency = COALESCE(${rented.currency ?? null}, purchase.currency)
    WHERE purchase.id = ${purchaseId} AND purchase.state IN ('ordered', 'failed')`;
}

/** It was not to be had, or is not asked for any more. */
export async function fail(tx: EntityManager, purchaseId: string, reason: string, now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase
    SET state = 'failed', settled_at = ${now}, reason = ${reason}
    WHERE purchase.id = ${purchaseId} AND purchase.state IN ('wanted', 'ordered')`;
}

const STEPS = ['owned', 'configured', 'verified', 'available'] as const;

/** Moves what was bought of a number a step on, or several; an imported one has no purchase to move. */
export async function advance(
  tx: EntityManager,
  number: E164,
  to: Extract<PurchaseState, 'configured' | 'verified' | 'available'>,
): Promise<void> {
  const before = STEPS.slice(0, STEPS.indexOf(to));
  await tx.sql`
    UPDATE number_purchases AS purchase SET state = ${to}
    WHERE purchase.number = ${number} AND purchase.state = ANY(${before}::text[])`;
}

/** What an earlier round wanted and never asked for. Nobody else has this pool's round, so nobody is at it. */
export async function abandonWanted(tx: EntityManager, poolId: string, now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase
    SET state = 'failed', settled_at = ${now}, reason = 'Its round was broken off before the provider was asked.'
    WHERE purchase.pool_id = ${poolId} AND purchase.state = 'wanted'`;
}

export interface OpenPurchase {
  readonly id: string;
  readonly number: E164;
  readonly orderedAt: Date;
}

/**
 * Purchases of a pool that the provider may have sold: those whose answer never came, and those we gave up on. Of several
 * of one number only the last can be the one that was sold, unless that one was refused.
 */
export async function unsettled(
  tx: EntityManager,
  poolId: string,
  provider: ProviderName,
  now: Date,
): Promise<OpenPurchase[]> {
  return tx.sql<OpenPurchase[]>`
    SELECT purchase.id, purchase.number, purchase.ordered_at AS "orderedAt"
    FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${poolId} AND purchase.provider = ${provider}
      AND (purchase.state = 'ordered'
           OR purchase.state = 'failed' AND purchase.unlisted > 0
              AND purchase.settled_at > ${now}::timestamptz - make_interval(days => ${LATE_FOR_DAYS}::integer)
              AND NOT EXISTS (
                SELECT FROM number_purchases AS later
                WHERE later.number = purchase.number AND later.ordered_at > purchase.ordered_at
                  AND (later.state NOT IN ('wanted', 'failed') OR later.unlisted > 0)))
    ORDER BY purchase.ordered_at`;
}

/** A list did not have these. @returns those on which we now give up */
export async function countUnlisted(tx: EntityManager, purchaseIds: readonly string[], now: Date): Promise<E164[]> {
  const [rows] = await tx.sql<[{ number: E164; state: PurchaseState }[], number]>`
    UPDATE number_purchases AS purchase
    SET unlisted = purchase.unlisted + 1,
        state = CASE WHEN given_up.up THEN 'failed' ELSE purchase.state END,
        settled_at = CASE WHEN given_up.up THEN ${now}::timestamptz END,
        reason = CASE WHEN given_up.up THEN 'The provider never answered, and none of its lists has had it.' END
    FROM number_purchases AS before
    CROSS JOIN LATERAL (
      SELECT before.unlisted + 1 >= ${LISTS_BELIEVED}::integer
             AND before.ordered_at <= ${now}::timestamptz - make_interval(secs => ${LISTED_WITHIN_SECONDS}::integer) AS up
    ) AS given_up
    WHERE purchase.id = ANY(${purchaseIds}::uuid[]) AND purchase.state = 'ordered' AND before.id = purchase.id
    RETURNING purchase.number, purchase.state`;
  return rows.filter(({ state }) => state === 'failed').map(({ number }) => number);
}

/** Purchases of a pool at a provider whose end is unknown, oldest first. */
export async function ordered(tx: EntityManager, poolId: string, provider: ProviderName): Promise<OpenPurchase[]> {
  return tx.sql<OpenPurchase[]>`
    SELECT purchase.id, purchase.number, purchase.ordered_at AS "orderedAt" FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${poolId} AND purchase.provider = ${provider} AND purchase.state = 'ordered'
    ORDER BY purchase.ordered_at, purchase.id`;
}

/** How many purchases of a pool may turn out to be numbers. */
export async function countOrdered(tx: EntityManager, poolId: string): Promise<number> {
  const [row] = await tx.sql<[{ ordered: number }]>`
    SELECT count(*)::integer AS ordered FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${poolId} AND purchase.state = 'ordered'`;
  return row.ordered;
}

/**
 * Those of the numbers that some pool is buying, or may have bought. Ask it after the provider's list and before the
 * inventory: a number on the list that is in neither is nobody's purchase.
 */
export async function claimed(tx: EntityManager, numbers: readonly E164[], now: Date): Promise<Set<E164>> {
  const rows = await tx.sql<{ number: E164 }[]>`
    SELECT purchase.number FROM number_purchases AS purchase
    WHERE purchase.number = ANY(${numbers}::text[])
      AND (purchase.state IN ('wanted', 'ordered')
           OR purchase.state = 'failed' AND purchase.unlisted > 0
              AND purchase.settled_at > ${now}::timestamptz - make_interval(days => ${LATE_FOR_DAYS}::integer))`;
  return new Set(rows.map((row) => row.number));
}

/** What a pool has spent so far, and what it has paid at one provider. */
export interface Spending {
  /** Rents of the purchases of this day and month of UTC, in ten-thousandths; those that failed cost nothing. */
  readonly today: number;
  readonly thisMonth: number;
  /** The highest rent the pool has paid at the provider, in its currency; null where none is known. */
  readonly highestRent: string | null;
  /** A currency in which the provider has charged the pool, and which is not the pool's. */
  readonly foreignCurrency: string | null;
}

export async function spending(tx: EntityManager, pool: Pool, provider: ProviderName, now: Date): Promise<Spending> {
  const [row] = await tx.sql<[Record<'today' | 'month', string> & { highest: string | null; foreign: string | null }]>`
    SELECT
      COALESCE(sum(purchase.rent) FILTER (WHERE purchase.ordered_at >= date_trunc('day', ${now}::timestamptz, 'UTC')), 0)
        * 10000 AS today,
      COALESCE(sum(purchase.rent) FILTER (WHERE purchase.ordered_at >= date_trunc('month', ${now}::timestamptz, 'UTC')), 0)
        * 10000 AS month,
      max(purchase.rent) FILTER (WHERE purchase.provider = ${provider}) AS highest,
      min(purchase.currency) FILTER (WHERE purchase.provider = ${provider} AND purchase.currency <> ${pool.currency})
        AS foreign
    FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${pool.id} AND purchase.state NOT IN ('wanted', 'failed')`;
  return {
    today: Number(row.today),
    thisMonth: Number(row.month),
    highestRent: row.highest,
    foreignCurrency: row.foreign,
  };
}

/** How long the pool's last purchases took, in seconds: nine of ten of them no longer; 0 where there were none. */
export async function purchaseSeconds(tx: EntityManager, poolId: string): Promise<number> {
  const [row] = await tx.sql<[{ seconds: number | null }]>`
    SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM last.settled_at - last.ordered_at))::float8 AS seconds
    FROM (SELECT purchase.ordered_at, purchase.settled_at FROM number_purchases AS purchase
          WHERE purchase.pool_id = ${poolId} AND purchase.settled_at IS NOT NULL AND purchase.state <> 'failed'
          ORDER BY purchase.ordered_at DESC LIMIT 50) AS last`;
  return row.seconds ?? 0;
}
