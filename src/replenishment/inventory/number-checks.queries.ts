import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';

export interface NumberCheck {
  readonly number: E164;
  /** Null = never. */
  readonly checkedAt: Date | null;
  readonly lostAt: Date | null;
  /** Since when the provider's lists lack the number; null = the last list contained it. */
  readonly unlistedSince: Date | null;
}

/** Records that the provider's list contains these numbers. From now on their absence is noticed. */
export async function rememberListed(tx: EntityManager, numbers: readonly E164[]): Promise<void> {
  await tx.sql`
    INSERT INTO number_checks AS known (number)
    SELECT listed.number FROM unnest(${numbers}::text[]) AS listed (number)
    ON CONFLICT (number) DO UPDATE SET unlisted_since = NULL WHERE known.unlisted_since IS NOT NULL`;
}

/** Records that the provider's list lacks these numbers. */
export async function rememberUnlisted(tx: EntityManager, numbers: readonly E164[], now: Date): Promise<void> {
  await tx.sql`
    UPDATE number_checks AS known SET unlisted_since = ${now}
    WHERE known.number = ANY(${numbers}::text[]) AND known.unlisted_since IS NULL AND known.lost_at IS NULL`;
}

/** The checks of those numbers that a list has contained, the longest unchecked first. */
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

/** @param lostAt null = the number is no longer lost */
export async function markLost(tx: EntityManager, number: E164, lostAt: Date | null): Promise<void> {
  await tx.sql`UPDATE number_checks AS known SET lost_at = ${lostAt} WHERE known.number = ${number}`;
}
