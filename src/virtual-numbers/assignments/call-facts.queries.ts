import type { E164 } from '../../phone-number/e164.js';
import type { Connections, Statement } from '../../platform/database/statement.js';
import type { Role } from '../role.js';
import type { CallPolicy, PinPolicy } from '../pools/pool.entity.js';

/** Whom a dialler reaches behind a number, until when, and what the number's pool allows of calls just now. */
export interface CallAssignment extends Readonly<CallPolicy> {
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  readonly calleeId: string;
  /** Sealed. */
  readonly calleePhone: Buffer;
  readonly shownNumber: E164;
  readonly connectsUntil: Date;
  /** The order is over; until `connectsUntil` it is in its grace. */
  readonly closed: boolean;
  /** The callee wants no calls of this dialler. */
  readonly blocked: boolean;
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
  readonly servesOrders: boolean;
  /** Whom the number's pool asks for a PIN. */
  readonly pin: PinPolicy;
}

/** The call's one question, answered by one probe of each of four primary keys. What was dialled may be anybody's number: it comes as its keyed lookup. */
export async function findCallAssignment(
  connections: Connections,
  numberKey: Buffer,
  diallerKey: Buffer,
): Promise<CallAssignment | null> {
  const { rows } = await connections.query<CallAssignment>({ ...behindNumber, values: [numberKey, diallerKey] });
  return rows[0] ?? null;
}

/** Whom the holder of a PIN reaches behind a number, whatever phone the PIN is keyed on. */
export async function findCallAssignmentByPin(
  connections: Connections,
  number: E164,
  pinKey: Buffer,
): Promise<CallAssignment | null> {
  const { rows } = await connections.query<CallAssignment>({ ...behindNumberByPin, values: [number, pinKey] });
  return rows[0] ?? null;
}

export interface PinsOnNumber {
  readonly poolId: string;
  readonly pins: number;
}

/** The pool of a number of ours, and how many PINs connect on it at present. */
export async function pinsOn(connections: Connections, number: E164): Promise<PinsOnNumber> {
  const { rows } = await connections.query<PinsOnNumber>({ ...pinsOfNumber, values: [number] });
  return rows[0]!;
}

/** Why there was no answer to it: asked only then. A withheld caller has no key. */
export async function describeUnjoined(
  connections: Connections,
  numberKey: Buffer,
  callerKey: Buffer | null,
): Promise<Unjoined> {
  const { rows } = await connections.query<Unjoined>({ ...aboutNumberAndCaller, values: [numberKey, callerKey] });
  return rows[0]!;
}

const REACHABLE = `
    SELECT assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_id AS "calleeId",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed,
           assignment.blocked_at IS NOT NULL AS blocked,
           pool.pin, pool.direction, pool.max_call_seconds AS "maxCallSeconds", pool.max_ring_seconds AS "maxRingSeconds",
           pool.max_calls_per_hour AS "maxCallsPerHour", pool.quiet_hours AS "quietHours",
           pool.claim_by_pin AS "claimByPin", pool.record_calls AS "recordCalls"
    FROM assignments AS assignment
    JOIN virtual_numbers AS number ON number.number = assignment.virtual_number
    JOIN pools AS pool ON pool.id = number.pool_id`;

export const behindNumber: Statement = {
  name: 'behind-number',
  text: `${REACHABLE}
    WHERE assignment.virtual_number = (SELECT ours.number FROM virtual_number_keys AS ours WHERE ours.phone_key = $1)
      AND assignment.dialler_key = $2`,
};

const behindNumberByPin: Statement = {
  name: 'behind-number-by-pin',
  text: `${REACHABLE} WHERE assignment.virtual_number = $1 AND assignment.pin_key = $2`,
};

const pinsOfNumber: Statement = {
  name: 'pins-of-number',
  text: `
    SELECT number.pool_id AS "poolId",
           (SELECT count(*)::integer FROM assignments AS assignment
            WHERE assignment.virtual_number = $1 AND assignment.pin_key IS NOT NULL
              AND assignment.released_at IS NULL) AS pins
    FROM virtual_numbers AS number WHERE number.number = $1`,
};

/** Counts no rows: a shared number may have tens of thousands, and whoever likes can call it. */
const aboutNumberAndCaller: Statement = {
  name: 'about-number-and-caller',
  text: `
    SELECT own_number.pin IS NOT NULL AS "numberIsOurs", COALESCE(own_number.pin, 'off') AS pin,
           EXISTS (SELECT FROM virtual_number_keys AS known WHERE known.phone_key = $2) AS "callerIsOurs",
           EXISTS (SELECT FROM assignments AS own WHERE own.dialler_key = $2) AS "callerIsKnown",
           mirror.order_id AS "standsForCallerIn", mirror.dialler_role AS "callerRole",
           CASE WHEN own_number.orders_held = 1
             THEN (SELECT assignment.order_id FROM assignments AS assignment
                   WHERE assignment.virtual_number = own_number.number AND assignment.released_at IS NULL LIMIT 1)
           END AS "onlyOrder",
           COALESCE(own_number.orders_held > 0, false) AS "servesOrders"
    FROM (SELECT) AS one
    LEFT JOIN LATERAL (SELECT pool.pin, number.orders_held, number.number
                       FROM virtual_number_keys AS ours
                       JOIN virtual_numbers AS number ON number.number = ours.number
                       JOIN pools AS pool ON pool.id = number.pool_id
                       WHERE ours.phone_key = $1 AND number.status <> 'retired') AS own_number ON true
    LEFT JOIN LATERAL (SELECT own.order_id, own.dialler_role FROM assignments AS own
                       WHERE own.dialler_key = $2 AND own.shown_number = own_number.number LIMIT 1) AS mirror ON true`,
};
