import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { OfferedNumber } from '../../telephony/providers/number-provider.js';
import type { Place } from '../../platform/http/cursor-page.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import type { PurchaseState } from './number-purchase.entity.js';

/**
 * A list may be late or incomplete. A sold number counts as not bought after this many lists lack it, over this long.
 */
const LISTS_BELIEVED = 3;
const LISTED_WITHIN_SECONDS = 2 * 60;
/** A list that lacks other numbers of ours is not counted. After this long it is counted, so that every purchase ends. */
export const ANY_LIST_BELIEVED_AFTER_SECONDS = 60 * 60;
/** For how long a number of a failed purchase may still turn up in a list. */
const LATE_FOR_DAYS = 30;

/** Claims an offered number for this pool. @returns the purchase's id; null if another pool is buying the number */
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

/**
 * Records that the provider is about to be asked. @returns false if another process has settled the purchase meanwhile
 */
export async function order(tx: EntityManager, purchaseId: string, rent: string | null, now: Date): Promise<boolean> {
  const [, count] = await tx.sql<[unknown, number]>`
    UPDATE number_purchases AS purchase
    SET state = 'ordered', ordered_at = ${now}, rent = ${rent}::numeric
    WHERE purchase.id = ${purchaseId} AND purchase.state = 'wanted'`;
  return count === 1;
}

/** When the provider was asked for the first time; null = not yet. */
export async function orderedAt(tx: EntityManager, purchaseId: string): Promise<Date | null> {
  const [purchase] = await tx.sql<{ at: Date | null }[]>`
    SELECT purchase.ordered_at AS at FROM number_purchases AS purchase WHERE purchase.id = ${purchaseId}`;
  return purchase?.at ?? null;
}

/** Records that the provider has sold the number, whatever state the purchase is in now. */
export async function own(tx: EntityManager, purchaseId: string, rented: RentedNumber, now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase
    SET state = 'owned', settled_at = ${now}, reason = NULL,
        rent = COALESCE(${rented.rent ?? null}::numeric, purchase.rent),
        currency = COALESCE(${rented.currency ?? null}, purchase.currency)
    WHERE purchase.id = ${purchaseId} AND purchase.state IN ('ordered', 'failed')`;
}

const STEPS = ['owned', 'configured', 'verified', 'available'] as const;

/** @returns whether another purchase has bought the number of this one, which has failed now */
export async function failIfBoughtByAnother(tx: EntityManager, purchaseId: string, now: Date): Promise<boolean> {
  const [, count] = await tx.sql<[unknown, number]>`
    UPDATE number_purchases AS purchase
    SET state = 'failed', settled_at = ${now}, unlisted = 0, reason = 'Another purchase has bought the number.'
    WHERE purchase.id = ${purchaseId} AND purchase.state IN ('ordered', 'failed')
      AND EXISTS (SELECT FROM number_purchases AS other
                  WHERE other.number = purchase.number AND other.id <> purchase.id
                    AND other.state = ANY(${[...STEPS]}::text[]))`;
  return count === 1;
}

/** Records that the number was not bought. */
export async function fail(tx: EntityManager, purchaseId: string, reason: string, now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_purchases AS purchase
    SET state = 'failed', settled_at = ${now}, reason = ${reason}
    WHERE purchase.id = ${purchaseId} AND purchase.state IN ('wanted', 'ordered')`;
}

/** Advances the number's purchase by one or several steps. Imported numbers have no purchase. */
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

/**
 * Fails purchases that an earlier round wanted and never ordered. The round's lock ensures that no other process is
 * working on them.
 */
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
 * Purchases of a pool that the provider may have sold: those without an answer, and those given up. A number may have
 * several purchases; the provider can have sold only the last one that it did not refuse.
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

/** Counts a list that lacks these purchases. @returns the numbers whose purchases are now given up */
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

/** How many purchases of a pool have an unknown end. */
export async function countOrdered(tx: EntityManager, poolId: string): Promise<number> {
  const [row] = await tx.sql<[{ ordered: number }]>`
    SELECT count(*)::integer AS ordered FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${poolId} AND purchase.state = 'ordered'`;
  return row.ordered;
}

/**
 * Which of the numbers some pool is buying, or may have bought. Read it after the provider's list and before the
 * inventory: then a listed number that is in neither belongs to no purchase.
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

/** A purchase of a pool, as far as it got. */
export interface RecordedPurchase {
  readonly id: string;
  readonly number: E164;
  readonly provider: ProviderName;
  readonly state: PurchaseState;
  /** Why it failed; null if it did not. */
  readonly reason: string | null;
  readonly rent: string | null;
  readonly currency: string | null;
  readonly wantedAt: Date;
  readonly orderedAt: Date | null;
  readonly settledAt: Date | null;
}

/** The purchases of a pool, newest first, behind the place that ended the last page. */
export async function purchasesOf(
  tx: EntityManager,
  poolId: string,
  { behind, limit }: { readonly behind: Place | null; readonly limit: number },
): Promise<RecordedPurchase[]> {
  const { at = null, id = null } = behind ?? {};
  return tx.sql<RecordedPurchase[]>`
    SELECT purchase.id, purchase.number, purchase.provider, purchase.state, purchase.reason, purchase.rent::text AS rent,
           purchase.currency, purchase.wanted_at AS "wantedAt", purchase.ordered_at AS "orderedAt",
           purchase.settled_at AS "settledAt"
    FROM number_purchases AS purchase
    WHERE purchase.pool_id = ${poolId}
      AND (${at}::timestamptz IS NULL
           OR (date_trunc('milliseconds', purchase.wanted_at), purchase.id) < (${at}::timestamptz, ${id}::uuid))
    ORDER BY date_trunc('milliseconds', purchase.wanted_at) DESC, purchase.id DESC
    LIMIT ${limit}`;
}

/** What a pool has spent, and what it has paid one provider. */
export interface Spending {
  /** Rents of the purchases of this UTC day and month, in ten-thousandths; failed purchases do not count. */
  readonly today: number;
  readonly thisMonth: number;
  /** The highest rent that the pool has paid the provider, in the provider's currency; null = unknown. */
  readonly highestRent: string | null;
  /** A currency, other than the pool's, in which the provider has charged the pool; null = none. */
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

/** The rents of a pool's purchases of this UTC day and month, in its currency; failed purchases do not count. */
export interface Spent {
  readonly today: number;
  readonly thisMonth: number;
}

/** By pool; pools that bought nothing this month are missing. */
export async function spentByPool(manager: EntityManager, now: Date): Promise<Map<string, Spent>> {
  const rows = await manager.sql<{ poolId: string; today: number; month: number }[]>`
    SELECT purchase.pool_id AS "poolId",
           COALESCE(sum(purchase.rent) FILTER (WHERE purchase.ordered_at >= date_trunc('day', ${now}::timestamptz, 'UTC')), 0)::float8
             AS today,
           COALESCE(sum(purchase.rent), 0)::float8 AS month
    FROM number_purchases AS purchase
    WHERE purchase.state NOT IN ('wanted', 'failed')
      AND purchase.ordered_at >= date_trunc('month', ${now}::timestamptz, 'UTC')
    GROUP BY purchase.pool_id`;
  return new Map(rows.map(({ poolId, today, month }) => [poolId, { today, thisMonth: month }]));
}

/** The 90th percentile of the time that the pool's recent purchases took, in seconds; 0 if there were none. */
export async function purchaseSeconds(tx: EntityManager, poolId: string): Promise<number> {
  const [row] = await tx.sql<[{ seconds: number | null }]>`
    SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM last.settled_at - last.ordered_at))::float8 AS seconds
    FROM (SELECT purchase.ordered_at, purchase.settled_at FROM number_purchases AS purchase
          WHERE purchase.pool_id = ${poolId} AND purchase.settled_at IS NOT NULL AND purchase.state <> 'failed'
          ORDER BY purchase.ordered_at DESC LIMIT 50) AS last`;
  return row.seconds ?? 0;
}
