import type { EntityManager } from 'typeorm';

import { makeMonths } from './monthly-partitions.js';

/** Whether rows are moved yet. After an update the previous version may run for a while, and does not find them. */
export async function movingHasBegun(manager: EntityManager, now: Date): Promise<boolean> {
  const [row] = await manager.sql<[{ begun: boolean }]>`
    SELECT NOT EXISTS (SELECT FROM moving_ended_orders AS moving WHERE moving.begins_at > ${now}) AS begun`;
  return row.begun;
}

/**
 * Moves rows that belong to no order into the months of `ended_…`.
 *
 * @param locked a query that locks some rows, with `ctid` and the instant `over_at`; its parameters are `values`
 * @returns how many
 */
export async function moveRows(
  tx: EntityManager,
  table: string,
  locked: string,
  values: readonly unknown[],
): Promise<number> {
  const rows = await tx.query<{ ctid: string; overAt: Date }[]>(
    `SELECT locked.ctid::text AS ctid, locked.over_at AS "overAt" FROM (${locked}) AS locked`,
    [...values],
  );
  if (rows.length === 0) return 0;
  await makeMonths(
    tx,
    [`ended_${table}`],
    rows.map(({ overAt }) => overAt),
  );
  await tx.query(
    `WITH moved AS (
       DELETE FROM ${table} AS one WHERE one.ctid = ANY($1::tid[]) RETURNING one.ctid AS moved_from, one AS moved_row
     )
     INSERT INTO ended_${table}
     SELECT locked.over_at, (moved.moved_row).*
     FROM moved JOIN unnest($1::tid[], $2::timestamptz[]) AS locked (ctid, over_at) ON locked.ctid = moved.moved_from`,
    [rows.map(({ ctid }) => ctid), rows.map(({ overAt }) => overAt)],
  );
  return rows.length;
}
