import type { EntityManager } from 'typeorm';

import type { E164 } from '../phone-number/e164.js';
import { runIn, type Statement } from '../platform/database/statement.js';

const BUCKETS = 64;

export interface Taking {
  readonly poolId: string;
  /** Whether the pool is so large that takers had better spread over its buckets. */
  readonly inBuckets: boolean;
  /** Keyed lookup of the one who will dial the number. */
  readonly diallerKey: Buffer;
  /** A number that will not do: the one the order's other side dials. */
  readonly besides?: E164;
  readonly now: Date;
}

/**
 * Takes for this dialler a fitting number that has rested long, or returns null: of a large pool the one that has rested
 * longest in a random bucket, else in the whole pool.
 *
 * Takers never wait for each other and never share a row: each skips what another transaction has locked. So null says
 * "none to be had now", not "the pool owns none": ask `fittingNumberExists`. The lock is NO KEY, as the update's own is:
 * a foreign key that just checks a number neither hides it from a taker nor waits for one.
 */
export async function takeNumber(tx: EntityManager, taking: Taking): Promise<E164 | null> {
  const { poolId, diallerKey, besides = '', now } = taking;
  if (taking.inBuckets) {
    const bucket = Math.floor(Math.random() * BUCKETS);
    const [taken] = await runIn<Taken>(tx, takeInBucket, [poolId, diallerKey, besides, now, bucket]);
    if (taken) return taken.number;
  }
  const [taken] = await runIn<Taken>(tx, takeInPool, [poolId, diallerKey, besides, now]);
  return taken?.number ?? null;
}

/** Whether the pool holds a number for this dialler, be it one that another transaction is just taking or giving back. */
export async function fittingNumberExists(tx: EntityManager, taking: Taking): Promise<boolean> {
  const rows = await runIn(tx, fittingInPool, [taking.poolId, taking.diallerKey, taking.besides ?? '']);
  return rows.length > 0;
}

/** Whether this dialler may dial a number that the other side of its order holds already. */
export async function mayAlsoDial(tx: EntityManager, number: E164, diallerKey: Buffer): Promise<boolean> {
  const [row] = await runIn<{ taken: boolean }>(tx, pairIsTaken, [number, diallerKey]);
  return !row!.taken;
}

/** How many numbers a pool has, counted up to `most`. */
export async function countNumbers(tx: EntityManager, poolId: string, most: number): Promise<number> {
  const [row] = await tx.sql<[{ numbers: number }]>`
    SELECT count(*)::integer AS numbers
    FROM (SELECT FROM virtual_numbers AS number WHERE number.pool_id = ${poolId} LIMIT ${most}) AS counted`;
  return row.numbers;
}

interface Taken {
  number: E164;
}

const take = (where: string) => `
  WITH candidate AS (
    SELECT number.number
    FROM virtual_numbers AS number
    WHERE number.pool_id = $1 AND number.status = 'available' AND number.orders_held < number.capacity
      AND number.number <> $3 ${where}
      AND NOT EXISTS (SELECT FROM assignments AS held
                      WHERE held.virtual_number = number.number AND held.dialler_key = $2)
    ORDER BY number.last_assigned_at NULLS FIRST, number.number
    LIMIT 1
    FOR NO KEY UPDATE OF number SKIP LOCKED
  )
  UPDATE virtual_numbers AS number
  SET orders_held = number.orders_held + 1, last_assigned_at = $4
  FROM candidate
  WHERE number.number = candidate.number
  RETURNING number.number`;

/** Served by the index virtual_numbers_to_assign, read in its order. */
export const takeInBucket: Statement = { name: 'take-in-bucket', text: take('AND number.bucket = $5') };
export const takeInPool: Statement = { name: 'take-in-pool', text: take('') };

const fittingInPool: Statement = {
  name: 'fitting-in-pool',
  text: `
    SELECT number.number
    FROM virtual_numbers AS number
    WHERE number.pool_id = $1 AND number.status = 'available' AND number.orders_held < number.capacity
      AND number.number <> $3
      AND NOT EXISTS (SELECT FROM assignments AS held
                      WHERE held.virtual_number = number.number AND held.dialler_key = $2)
    LIMIT 1`,
};

const pairIsTaken: Statement = {
  name: 'pair-is-taken',
  text: `
    SELECT EXISTS (SELECT FROM assignments AS held WHERE held.virtual_number = $1 AND held.dialler_key = $2) AS taken`,
};
