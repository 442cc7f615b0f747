import type { DataSource, EntityManager } from 'typeorm';

import { addSeconds } from '../clock/clock.js';
import { makeMonths } from './monthly-partitions.js';

/** Whether rows are moved yet. After an update the previous version may run for a while, and does not find them. */
export async function movingHasBegun(manager: EntityManager, now: Date): Promise<boolean> {
  const [row] = await manager.sql<[{ begun: boolean }]>`
    SELECT NOT EXISTS (SELECT FROM moving_ended_orders AS moving WHERE moving.begins_at > ${now}) AS begun`;
  return row.begun;
}

/** Rows that belong to no order, of one table. */
export interface OldRows {
  readonly table: string;
  /** A query that locks at most `batch` rows from before $1, with `ctid` and the instant `over_at`. */
  readonly locked: string;
  readonly batch: number;
  /** No batch begins after this time. */
  readonly forMs: number;
}

/** Rows are asked for again, and changed late, within a day mostly. */
const MOVED_AFTER_SECONDS = 24 * 60 * 60;

/** Moves rows that are a day old into the months of `ended_…`, in batches of a transaction each. @returns how many */
export async function moveOldRows(dataSource: DataSource, now: Date, old: OldRows): Promise<number> {
  if (!(await movingHasBegun(dataSource.manager, now))) return 0;
  const before = addSeconds(now, -MOVED_AFTER_SECONDS);
  const stopAt = performance.now() + old.forMs;
  let moved = 0;
  for (let last = old.batch; last === old.batch && performance.now() < stopAt; moved += last) {
    last = await dataSource.transaction(async (tx) => moveBatch(tx, old, before));
  }
  return moved;
}

async function moveBatch(tx: EntityManager, { table, locked }: OldRows, before: Date): Promise<number> {
  const rows = await tx.query<{ ctid: string; overAt: Date }[]>(
    `SELECT locked.ctid::text AS ctid, locked.over_at AS "overAt" FROM (${locked}) AS locked`,
    [before],
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
