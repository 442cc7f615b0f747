import type { Pool as Connections } from 'pg';

import type { E164 } from '../phone-number/e164.js';
import type { Statement } from '../platform/database/statement.js';
import type { Role } from './assignments.queries.js';

/** Whom a dialler reaches behind a number, and until when. */
export interface Reachable {
  readonly orderId: string;
  readonly diallerRole: Role;
  readonly calleeId: string;
  /** Sealed. */
  readonly calleePhone: Buffer;
  readonly shownNumber: E164;
  readonly connectsUntil: Date;
  /** The order is over; until `connectsUntil` it is in its grace. */
  readonly closed: boolean;
}

/** What is known of a dialled number and a caller whom no assignment joins. */
export interface Unjoined {
  /** The dialled number is ours and in use. */
  readonly numberIsOurs: boolean;
  readonly callerIsOurs: boolean;
  /** The caller may dial some number of ours, only not this one. */
  readonly callerIsKnown: boolean;
  /** The order in which the dialled number stands for the caller, whose own calls it shows. */
  readonly standsForCallerIn: string | null;
  readonly callerRole: Role | null;
  /** The one order that the dialled number serves now; null when it serves none or several. */
  readonly onlyOrder: string | null;
}

/** The call's one question, answered by one probe of the primary key. */
export async function findReachable(
  connections: Connections,
  number: E164,
  diallerKey: Buffer,
): Promise<Reachable | null> {
  const { rows } = await connections.query<Reachable>({ ...behindNumber, values: [number, diallerKey] });
  return rows[0] ?? null;
}

/** Why there was no answer to it: asked only then. A withheld caller has no key. */
export async function describeUnjoined(
  connections: Connections,
  number: E164,
  callerKey: Buffer | null,
): Promise<Unjoined> {
  const { rows } = await connections.query<Unjoined>({ ...aboutNumberAndCaller, values: [number, callerKey] });
  return rows[0]!;
}

export const behindNumber: Statement = {
  name: 'behind-number',
  text: `
    SELECT assignment.order_id AS "orderId", assignment.dialler_role AS "diallerRole", assignment.callee_id AS "calleeId",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed
    FROM assignments AS assignment
    WHERE assignment.virtual_number = $1 AND assignment.dialler_key = $2`,
};

const aboutNumberAndCaller: Statement = {
  name: 'about-number-and-caller',
  text: `
    SELECT EXISTS (SELECT FROM virtual_numbers AS number
                   WHERE number.number = $1 AND number.status <> 'retired') AS "numberIsOurs",
           EXISTS (SELECT FROM virtual_number_keys AS known WHERE known.phone_key = $2) AS "callerIsOurs",
           EXISTS (SELECT FROM assignments AS own WHERE own.dialler_key = $2) AS "callerIsKnown",
           mirror.order_id AS "standsForCallerIn", mirror.dialler_role AS "callerRole",
           (SELECT CASE WHEN count(*) = 1 THEN (array_agg(served.order_id))[1] END
            FROM (SELECT DISTINCT assignment.order_id FROM assignments AS assignment
                  WHERE assignment.virtual_number = $1 AND assignment.released_at IS NULL LIMIT 2) AS served) AS "onlyOrder"
    FROM (SELECT) AS one
    LEFT JOIN LATERAL (SELECT own.order_id, own.dialler_role FROM assignments AS own
                       WHERE own.dialler_key = $2 AND own.shown_number = $1 LIMIT 1) AS mirror ON true`,
};
