import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { SideOfLink } from './callee-of-link.js';
import { calleeRoleOf } from './callee-role.js';

/** A month in UTC, as its first instant. */
export type Month = Date;

/** The months of the assignments to archive next. */
export async function monthsToArchive(tx: EntityManager, now: Date, limit: number): Promise<Month[]> {
  const rows = await tx.sql<{ month: Date }[]>`
    SELECT DISTINCT date_trunc('month', over.assigned_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month
    FROM (SELECT assignment.assigned_at FROM assignments AS assignment
          WHERE assignment.quarantined_until <= ${now} AND assignment.released_at IS NOT NULL
          ORDER BY assignment.quarantined_until LIMIT ${limit}) AS over`;
  return rows.map((row) => row.month);
}

/** Any constant: one process at a time creates or drops months. */
const HISTORY_LOCK = 7_263_142;

/** Creates the partition of a month, unless it exists. */
export async function makeMonth(dataSource: DataSource, month: Month): Promise<void> {
  await dataSource.transaction(async (tx) => {
    await tx.sql`SELECT pg_advisory_xact_lock(${HISTORY_LOCK}::bigint)`;
    await tx.query(`
      CREATE TABLE IF NOT EXISTS ${tableOf(month)} PARTITION OF assignment_history
      FOR VALUES FROM ('${month.toISOString()}') TO ('${nextMonth(month).toISOString()}')`);
  });
}

/** Drops the months that lie completely before `keepFrom`. @returns how many */
export async function dropMonthsBefore(dataSource: DataSource, keepFrom: Month): Promise<number> {
  return dataSource.transaction(async (tx) => {
    await tx.sql`SELECT pg_advisory_xact_lock(${HISTORY_LOCK}::bigint)`;
    const tables = await tx.sql<{ name: string }[]>`
      SELECT partition.relname AS name
      FROM pg_inherits AS link
      JOIN pg_class AS partition ON partition.oid = link.inhrelid
      WHERE link.inhparent = 'assignment_history'::regclass AND partition.relname < ${tableOf(keepFrom)}`;
    for (const { name } of tables) await tx.query(`DROP TABLE ${name}`);
    return tables.length;
  });
}

const SIDE =
  'virtual_number, order_id, dialler_id, dialler_role, callee_role, callee_id, shown_number, assigned_at, connects_until';

/** Sides of links that connected at an instant, from the current table and from history. */
const connectingAt = (which: string) => `
    SELECT side.virtual_number AS "virtualNumber", side.order_id AS "orderId", side.dialler_id AS "diallerId",
           side.dialler_role AS "diallerRole", ${calleeRoleOf('side')} AS "calleeRole", side.callee_id AS "calleeId",
           side.shown_number AS "shownNumber", side.assigned_at AS "assignedAt",
           side.connects_until AS "connectsUntil"
    FROM (SELECT ${SIDE} FROM assignments WHERE ${which} AND how_known = 'registered'
          UNION ALL
          SELECT ${SIDE} FROM assignment_history WHERE ${which}) AS side
    WHERE side.assigned_at <= $2 AND side.connects_until > $2
    ORDER BY side.assigned_at, side.dialler_id`;

/** The sides of links whose dialled number this is, and that connected at an instant. */
export async function sidesOfNumber(tx: EntityManager, number: E164, at: Date): Promise<SideOfLink[]> {
  return tx.query<SideOfLink[]>(connectingAt('virtual_number = $1'), [number, at]);
}

/** All sides of links of these orders that connected at an instant. */
export async function sidesOfOrders(tx: EntityManager, orderIds: readonly string[], at: Date): Promise<SideOfLink[]> {
  return tx.query<SideOfLink[]>(connectingAt('order_id = ANY($1::uuid[])'), [orderIds, at]);
}

/** The month that contains an instant. */
export function monthOf(instant: Date): Month {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth()));
}

export function monthsBefore(month: Month, count: number): Month {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() - count));
}

function nextMonth(month: Month): Month {
  return monthsBefore(month, -1);
}

function tableOf(month: Month): string {
  return `assignment_history_${month.toISOString().slice(0, 7).replace('-', '_')}`;
}
