import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { runIn, type Statement } from '../../platform/database/statement.js';
import type { ProviderName } from '../provider-name.js';

/** Of this many fitting neighbours, the one that has been idle longest is taken. */
const NEIGHBOURS = 8;

/** The column `lot` is below this. */
const LOTS = 2 ** 31 - 1;

export interface Taking {
  readonly poolId: string;
  /** Keyed lookups of the dialler, one for each of their phones. */
  readonly diallerKeys: readonly Buffer[];
  /** A number that must not be taken: the one that the order's other participant dials. */
  readonly besides?: E164;
  /** The required provider, for pools with two; undefined = any. */
  readonly provider?: ProviderName;
  readonly now: Date;
}

export interface Taken {
  readonly number: E164;
  readonly provider: ProviderName;
}

/**
 * Takes a fitting number for this dialler that has been idle long, or returns null.
 *
 * Takers never wait for each other and never share a row: each skips what another transaction has locked. If this
 * returns null, fitting numbers may still exist that are locked now: `fittingNumberExists` tells.
 */
export async function takeNumber(tx: EntityManager, taking: Taking): Promise<Taken | null> {
  const { poolId, diallerKeys, besides = '', provider, now } = taking;
  const phones = diallerKeys.length === 1 ? 'one' : 'several';
  const dialler = phones === 'one' ? diallerKeys[0] : diallerKeys;
  const values = [poolId, drawLot(), dialler, besides, now];
  const [taken] =
    provider === undefined
      ? await runIn<Taken>(tx, takes.ofAny[phones], values)
      : await runIn<Taken>(tx, takes.ofGiven[phones], [...values, provider]);
  return taken ?? null;
}

/** Undoes a taking of this transaction. */
export async function putBack(tx: EntityManager, number: E164): Promise<void> {
  await runIn(tx, putOneBack, [number]);
}

/** The number's provider, and whether anybody can dial it. */
export async function standing(
  tx: EntityManager,
  number: E164,
): Promise<{ readonly provider: ProviderName; readonly inReach: boolean }> {
  const [row] = await runIn<{ provider: ProviderName; inReach: boolean }>(tx, standingOfNumber, [number]);
  return row!;
}

/** A random place in the pool to start from. */
export function drawLot(): number {
  return Math.floor(Math.random() * LOTS);
}

/** Whether the pool has a fitting number for this dialler, even one that another transaction is taking or releasing. */
export async function fittingNumberExists(tx: EntityManager, taking: Taking): Promise<boolean> {
  const { poolId, diallerKeys, besides = '', provider } = taking;
  const values = [poolId, diallerKeys, besides];
  const rows =
    provider === undefined
      ? await runIn(tx, fittingInPool, values)
      : await runIn(tx, fittingOfProvider, [...values, provider]);
  return rows.length > 0;
}

/**
 * Whether this dialler may dial a number that the order's other participant already has, from each of their phones. Of a
 * withheld number it is not known who may dial it.
 */
export async function mayAlsoDial(tx: EntityManager, number: E164, diallerKeys: readonly Buffer[]): Promise<boolean> {
  const [row] = await runIn<{ taken: boolean }>(tx, pairIsTaken, [number, diallerKeys]);
  return !row!.taken;
}

/** The expressions that a pick depends on: parameters or others. */
interface PickedBy {
  readonly pool: string;
  readonly lot: string;
  /** What an assignment's `dialler_key` is compared with: `= <one>`, `= ANY (<several>)` or `IN (<query>)`. */
  readonly dialler: string;
  readonly besides: string;
  /** The required provider; any if left out. */
  readonly provider?: string;
  /** How many numbers, all of one provider; one of any if left out. */
  readonly count?: number;
}

const fits = ({
  pool,
  dialler,
  besides,
  provider,
}: Omit<PickedBy, 'lot' | 'count'>) => `number.pool_id = ${pool} AND number.assignable AND number.withheld_until IS NULL
      AND number.number <> ${besides}${provider === undefined ? '' : ` AND ${provider}`}
      AND number.number <> ALL (ARRAY(SELECT held.virtual_number FROM assignments AS held
                                      WHERE held.dialler_key ${dialler}))`;

/**
 * CTEs that pick numbers; `name` has a locked row for each, or fewer rows than wanted. Of the fitting numbers next to a
 * random place, they are those that have been idle longest. Takers start at different places, so no two read the same
 * index entries, dead or alive. The lock is NO KEY, like the update's own: a foreign key check neither hides a number
 * from a taker nor waits for one. Uses the index virtual_numbers_to_assign in its order.
 *
 * The counts are written into the text, and the dialler's numbers are read into an array once. So PostgreSQL expects the
 * same cost in a pool of any size. Otherwise it would plan each execution anew in a pool that is small beside others.
 */
export const pick = (name: string, by: PickedBy) => {
  const { count = 1 } = by;
  const neighbours = NEIGHBOURS - 1 + count;
  const alike =
    by.count === undefined ? '' : ` AND number.provider = (SELECT near.provider FROM ${name}_near AS near LIMIT 1)`;
  return `
  ${name}_near AS MATERIALIZED (
    SELECT near.number, near.provider, near.last_assigned_at, near.lot
    FROM (
      (SELECT number.number, number.provider, number.last_assigned_at, number.lot FROM virtual_numbers AS number
       WHERE ${fits(by)} AND number.lot >= ${by.lot}
       ORDER BY number.lot LIMIT ${neighbours})
      UNION ALL
      (SELECT number.number, number.provider, number.last_assigned_at, number.lot FROM virtual_numbers AS number
       WHERE ${fits(by)} AND number.lot < ${by.lot}
       ORDER BY number.lot LIMIT ${neighbours})
      LIMIT ${neighbours}
    ) AS near
    ORDER BY near.last_assigned_at NULLS FIRST, near.lot
  ), ${name} AS MATERIALIZED (
    SELECT number.number, number.provider
    FROM ${name}_near AS near
    JOIN virtual_numbers AS number
      ON number.number = near.number AND number.assignable AND number.withheld_until IS NULL${alike}
    ORDER BY near.last_assigned_at NULLS FIRST, near.lot
    LIMIT ${count}
    FOR NO KEY UPDATE OF number SKIP LOCKED
  )`;
};

/**
 * The pool, the place and the provider are in subqueries, because PostgreSQL would plan each execution anew for a small
 * pool that it sees.
 */
const take = (dialler: string, provider?: string) => `
  WITH ${pick('candidate', { pool: '(SELECT $1::uuid)', lot: '(SELECT $2::integer)', dialler, besides: '$4', provider })}
  UPDATE virtual_numbers AS number
  SET orders_held = number.orders_held + 1, last_assigned_at = $5
  FROM candidate
  WHERE number.number = candidate.number
  RETURNING number.number, number.provider`;

const GIVEN = (provider: string) => `number.provider = (SELECT ${provider}::text)`;

/**
 * Separate statements for one phone, because PostgreSQL expects ten values in an array; and without a provider, because
 * it does not know which half of a condition will count. It would plan each execution anew.
 */
const takes = {
  ofAny: {
    one: { name: 'take-number', text: take('= $3') },
    several: { name: 'take-number-for-several', text: take('= ANY ($3::bytea[])') },
  },
  ofGiven: {
    one: { name: 'take-number-of-provider', text: take('= $3', GIVEN('$6')) },
    several: { name: 'take-number-of-provider-for-several', text: take('= ANY ($3::bytea[])', GIVEN('$6')) },
  },
} satisfies Record<string, Record<'one' | 'several', Statement>>;

const fitting = (provider?: string) => `
    SELECT number.number
    FROM virtual_numbers AS number
    WHERE ${fits({ pool: '$1', dialler: '= ANY ($2::bytea[])', besides: '$3', provider })}
    LIMIT 1`;

const fittingInPool: Statement = { name: 'fitting-in-pool', text: fitting() };
const fittingOfProvider: Statement = { name: 'fitting-of-provider', text: fitting(GIVEN('$4')) };

const putOneBack: Statement = {
  name: 'put-number-back',
  text: `UPDATE virtual_numbers AS number SET orders_held = number.orders_held - 1 WHERE number.number = $1`,
};

const standingOfNumber: Statement = {
  name: 'standing-of-number',
  text: `
    SELECT number.provider, number.status NOT IN ('suspended', 'provisioning') AS "inReach"
    FROM virtual_numbers AS number WHERE number.number = $1`,
};

const pairIsTaken: Statement = {
  name: 'pair-is-taken',
  text: `
    SELECT EXISTS (SELECT FROM assignments AS held WHERE held.virtual_number = $1 AND held.dialler_key = ANY ($2::bytea[]))
           OR EXISTS (SELECT FROM virtual_numbers AS number
                      WHERE number.number = $1 AND number.withheld_until IS NOT NULL) AS taken`,
};
