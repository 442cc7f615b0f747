import type { EntityManager } from 'typeorm';

import type { E164 } from '../phone-number/e164.js';

export interface NumberCheck {
  readonly number: E164;
  /** Null = never. */
  readonly checkedAt: Date | null;
  readonly lostAt: Date | null;
}

/** The provider's list has these: from now on they are looked out for. */
export async function rememberListed(tx: EntityManager, numbers: readonly E164[], now: Date): Promise<void> {
  await tx.sql`
    INSERT INTO number_checks (number, listed_at)
    SELECT listed.number, ${now} FROM unnest(${numbers}::text[]) AS listed (number)
    ON CONFLICT (number) DO NOTHING`;
}

/** What we know of those numbers that a list has had, the longest unchecked first. */
export async function checksOf(tx: EntityManager, numbers: readonly E164[]): Promise<NumberCheck[]> {
  return tx.sql<NumberCheck[]>`
    SELECT known.number, known.checked_at AS "checkedAt", known.lost_at AS "lostAt"
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
