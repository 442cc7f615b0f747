import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Month } from '../../platform/retention/monthly-partitions.js';
import { coversInstant } from './covers-instant.js';
import type { SideOfLink } from './callee-of-link.js';
import { calleeRoleOf } from './callee-role.js';

/** The months of the assignments to archive next. */
export async function monthsToArchive(tx: EntityManager, now: Date, limit: number): Promise<Month[]> {
  const rows = await tx.sql<{ month: Date }[]>`
    SELECT DISTINCT date_trunc('month', over.assigned_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month
    FROM (SELECT assignment.assigned_at FROM assignments AS assignment
          WHERE assignment.quarantined_until <= ${now} AND assignment.released_at IS NOT NULL
          ORDER BY assignment.quarantined_until LIMIT ${limit}) AS over`;
  return rows.map((row) => row.month);
}

const SIDE =
  'virtual_number, order_id, dialler_id, dialler_role, callee_role, callee_id, shown_number, assigned_at, connects_until';

/**
 * Sides of links that connected at an instant, from the current table and from history.
 *
 * @param inHistory the condition for history, if it has more to say
 */
const connectingAt = (which: string, inHistory = which) => `
    SELECT side.virtual_number AS "virtualNumber", side.order_id AS "orderId", side.dialler_id AS "diallerId",
           side.dialler_role AS "diallerRole", ${calleeRoleOf('side')} AS "calleeRole", side.callee_id AS "calleeId",
           side.shown_number AS "shownNumber", side.assigned_at AS "assignedAt",
           side.connects_until AS "connectsUntil"
    FROM (SELECT ${SIDE} FROM assignments WHERE ${which} AND how_known = 'registered'
          UNION ALL
          SELECT ${SIDE} FROM assignment_history AS past WHERE ${inHistory} AND past.assigned_at <= $2) AS side
    WHERE side.assigned_at <= $2 AND side.connects_until > $2
    ORDER BY side.assigned_at, side.dialler_id`;

/** The sides of links whose dialled number this is, and that connected at an instant. */
export async function sidesOfNumber(tx: EntityManager, number: E164, at: Date): Promise<SideOfLink[]> {
  return tx.query<SideOfLink[]>(
    connectingAt('virtual_number = $1', `past.virtual_number = $1 AND ${coversInstant('past', '$1', '$2')}`),
    [number, at],
  );
}

/** All sides of links of these orders that connected at an instant. */
export async function sidesOfOrders(tx: EntityManager, orderIds: readonly string[], at: Date): Promise<SideOfLink[]> {
  return tx.query<SideOfLink[]>(connectingAt('order_id = ANY($1::uuid[])'), [orderIds, at]);
}
