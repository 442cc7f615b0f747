import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';

export interface NumberCheck {
  readonly number: E164;
  /** Null = never. */
  readonly checkedAt: Date | null;
  readonly lostAt: Date | null;
  /** Since when the provider's lists lack it; null while the last one had it. */
  readonly unlistedSince: Date | null;
}

/** The provider's list has these: from now on they are looked out for. */
export async function rememberListed(tx: EntityManager, numbers: readonly E164[], now: Date): Promise<void> {
  await tx.sql`
    INSERT INTO number_checks AS known (number, listed_at)
    SELECT listed.number, ${now} FROM unnest(${numbers}::text[]) AS listed (number)
    ON CONFLICT (number) DO UPDATE SET unlisted_since = NULL WHERE known.unlisted_since IS NOT NULL`;
}

/** The provider's list lacks these. */
export async function rememberUnlisted(tx: EntityManager, numbers: readonly E164[], now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_checks AS known SET unlisted_since = ${now}
    WHERE known.number = ANY(${numbers}::text[]) AND known.unlisted_since IS NULL AND known.lost_at IS NULL`;
}

/** What we know of those numbers that a list has had, the longest unchecked first. */
export async function checksOf(tx: EntityManager, numbers: readonly E164[]): Promise<NumberCheck[]> {
  return tx.sql<NumberCheck[]>`
    SELECT known.number, known.checked_at AS "checkedAt", known.lost_at AS "lostAt",
           known.unlisted_since AS "unlistedSince"
    FROM number_checks AS known
    WHERE known.number = ANY(${numbers}::text[])
    ORDER BY known.checked_at NULLS FIRST, known.number`;
}

export async function markChecked(tx: EntityManager, number: E164, now: Date): Promise<void> {
  await tx.sql`UPDATE number_checks AS known SET checked_at = ${now} WHERE known.number = ${number}`;
}

/** @param lostAt null = it is there again */
export async function markLost(tx: EntityManager, number: E164, lostAt: Date | null): Promise<void> {
  await tx.sql`UPDATE number_checks AS known SET lost_at = ${lostAt} WHERE known.number = ${number}`;
}
