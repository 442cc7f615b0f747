import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Month } from '../../platform/retention/monthly-partitions.js';
import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import { coversInstant } from './covers-instant.js';
import type { SideOfLink } from './callee-of-link.js';
import { calleeRoleOf } from './callee-role.js';
import { isWhole, type FromHistory } from './months-of-history.js';

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

const FROM_MONTH = (row: string) => `${row}.assigned_at >= ${monthBound('$3')}`;
const CONNECTED = (row: string) => `${row}.assigned_at <= $2 AND ${row}.connects_until > $2`;

/**
 * All sides of links, longest assigned first, that connected at an instant and whose order this number connected then.
 */
export async function sidesOfOrdersServed(
  connections: Connections,
  number: E164,
  at: Date,
  from: string,
): Promise<FromHistory<SideOfLink[]>> {
  const { rows } = await connections.query<Row>({ ...sidesServed, values: [number, at, from] });
  return {
    isWhole: rows[0]!.isWhole,
    answer: rows.flatMap(({ isWhole: _, ...side }) => (side.orderId === null ? [] : side)),
  };
}

/** At least one, which is empty if there is no side. */
type Row = (SideOfLink | { readonly orderId: null }) & { readonly isWhole: boolean };

/** From the current table and from history. */
const sidesServed: Statement = {
  name: 'sides-of-orders-served',
  plan: 'once',
  text: `
    WITH serving AS MATERIALIZED (
      SELECT pair.order_id FROM assignments AS pair
      WHERE pair.virtual_number = $1 AND pair.how_known = 'registered' AND ${CONNECTED('pair')}
      UNION
      SELECT past.order_id FROM assignment_history AS past
      WHERE ${FROM_MONTH('past')} AND past.virtual_number = $1 AND ${CONNECTED('past')} AND ${coversInstant('past', '$1', '$2')}
    )
    SELECT whole."isWhole", side.virtual_number AS "virtualNumber", side.order_id AS "orderId", side.dialler_id AS "diallerId",
           side.dialler_role AS "diallerRole", ${calleeRoleOf('side')} AS "calleeRole", side.callee_id AS "calleeId",
           side.shown_number AS "shownNumber", side.assigned_at AS "assignedAt",
           side.connects_until AS "connectsUntil"
    FROM (SELECT ${isWhole('$3', '$2')} AS "isWhole") AS whole
    LEFT JOIN
         (SELECT ${SIDE} FROM assignments AS pair
          WHERE pair.order_id = ANY(ARRAY(SELECT serving.order_id FROM serving)) AND pair.how_known = 'registered'
            AND ${CONNECTED('pair')}
          UNION ALL
          SELECT ${SIDE} FROM assignment_history AS past
          WHERE ${FROM_MONTH('past')} AND past.order_id = ANY(ARRAY(SELECT serving.order_id FROM serving))
            AND ${CONNECTED('past')}) AS side ON true
    ORDER BY side.assigned_at, side.dialler_id`,
};
