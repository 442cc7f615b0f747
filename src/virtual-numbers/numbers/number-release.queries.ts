import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { ProviderName } from '../provider-name.js';

/** A number that is given back, as its provider knows it. */
export interface LeavingNumber {
  readonly number: E164;
  readonly providerId: string;
}

/**
 * Starts draining up to `count` idle numbers of the pool in order to give them back, longest unassigned first. @returns
 * how many
 */
export async function beginGivingBack(tx: EntityManager, poolId: string, count: number, now: Date): Promise<number> {
  const [, changed] = await tx.sql<[unknown, number]>`
    UPDATE virtual_numbers AS number
    SET status = 'draining', giving_back = 'draining', giving_back_since = ${now}
    FROM (SELECT idle.number FROM virtual_numbers AS idle
          WHERE idle.pool_id = ${poolId} AND idle.status = 'available' AND idle.orders_held = 0
            AND idle.withheld_until IS NULL
          ORDER BY idle.last_assigned_at NULLS FIRST, idle.number
          LIMIT ${count}
          FOR UPDATE SKIP LOCKED) AS chosen
    WHERE number.number = chosen.number`;
  return changed;
}

/** Makes up to `count` numbers available again that drain in order to be given back. @returns how many */
export async function takeBack(tx: EntityManager, poolId: string, count: number): Promise<number> {
  const [, changed] = await tx.sql<[unknown, number]>`
    UPDATE virtual_numbers AS number
    SET status = 'available', giving_back = NULL, giving_back_since = NULL
    FROM (SELECT draining.number FROM virtual_numbers AS draining
          WHERE draining.pool_id = ${poolId} AND draining.status = 'draining' AND draining.giving_back = 'draining'
          ORDER BY draining.giving_back_since DESC, draining.number
          LIMIT ${count}
          FOR UPDATE SKIP LOCKED) AS chosen
    WHERE number.number = chosen.number`;
  return changed;
}

/**
 * Retires up to `count` numbers that started draining before `drainedSince`, serve no order and have no quarantine. The
 * rows are locked, and the trigger checks them again under the lock, so no number is retired that somebody may dial.
 *
 * @returns how many
 */
export async function retireDrained(
  tx: EntityManager,
  poolId: string,
  drainedSince: Date,
  count: number,
): Promise<number> {
  const [, changed] = await tx.sql<[unknown, number]>`
    UPDATE virtual_numbers AS number
    SET status = 'retired', giving_back = 'releasing'
    FROM (SELECT drained.number FROM virtual_numbers AS drained
          WHERE drained.pool_id = ${poolId} AND drained.status = 'draining' AND drained.giving_back = 'draining'
            AND drained.giving_back_since <= ${drainedSince} AND drained.orders_held = 0
            AND drained.withheld_until IS NULL
            AND NOT EXISTS (SELECT FROM assignments AS pair WHERE pair.virtual_number = drained.number)
            AND NOT EXISTS (SELECT FROM assignments AS pair WHERE pair.shown_number = drained.number)
          ORDER BY drained.giving_back_since, drained.number
          LIMIT ${count}
          FOR UPDATE SKIP LOCKED) AS chosen
    WHERE number.number = chosen.number`;
  return changed;
}

/** Retired numbers of the pool that this provider must still release. */
export async function leavingNumbers(
  tx: EntityManager,
  poolId: string,
  provider: ProviderName,
): Promise<LeavingNumber[]> {
  return tx.sql<LeavingNumber[]>`
    SELECT number.number, COALESCE(number.provider_id, number.number) AS "providerId"
    FROM virtual_numbers AS number
    WHERE number.pool_id = ${poolId} AND number.giving_back = 'releasing' AND number.provider = ${provider}
    ORDER BY number.number`;
}

/** Records that the provider has released the number. */
export async function markReleased(tx: EntityManager, number: E164): Promise<void> {
  await tx.sql`
    UPDATE virtual_numbers AS number SET giving_back = 'released'
    WHERE number.number = ${number} AND number.giving_back = 'releasing'`;
}

/** Which of the numbers a provider must still release, in any pool. */
export async function leaving(tx: EntityManager, numbers: readonly E164[]): Promise<Set<E164>> {
  const rows = await tx.sql<{ number: E164 }[]>`
    SELECT number.number FROM virtual_numbers AS number
    WHERE number.number = ANY(${numbers}::text[]) AND number.giving_back = 'releasing'`;
  return new Set(rows.map((row) => row.number));
}
