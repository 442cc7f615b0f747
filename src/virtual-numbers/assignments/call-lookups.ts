/*
 * Parts of the statements that decisions read. They join rows of `asked`, each of which asks about one call: `number_key`
 * and `caller_key` are the keyed lookups of the dialled number and of the caller (null = withheld).
 */

/**
 * A lookup of one row. The limit forces PostgreSQL to look each row up by its key: without it, the planner may join whole
 * tables while they are small, and keep that plan when they have grown.
 */
function lookUp(row: string, table: string, columns: readonly string[], condition: string): string {
  const read = columns.map((column) => `${row}.${column}`).join(', ');
  return `JOIN LATERAL (SELECT ${read} FROM ${table} AS ${row} WHERE ${condition} LIMIT 1) AS ${row} ON true`;
}

/** The columns of a `CallAssignment`. */
export const ASSIGNMENT_AND_POLICY = `
           assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_role AS "calleeRole",
           assignment.callee_id AS "calleeId", assignment.may_dial AS "mayDial",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed,
           assignment.ended_early AS "endedEarly", assignment.blocked_at IS NOT NULL AS blocked, assignment.unconfirmed,
           pool.pin, pool.direction, pool.max_call_seconds AS "maxCallSeconds", pool.max_ring_seconds AS "maxRingSeconds",
           pool.max_calls_per_hour AS "maxCallsPerHour", pool.quiet_hours AS "quietHours",
           pool.claim_by_pin AS "claimByPin", pool.record_calls AS "recordCalls"`;

const OURS = lookUp('ours', 'virtual_number_keys', ['number'], 'ours.phone_key = asked.number_key');
const COLUMNS_OF_ASSIGNMENT = [
  ...['order_id', 'dialler_id', 'dialler_role', 'callee_role', 'callee_id', 'may_dial', 'callee_phone', 'shown_number'],
  ...['connects_until', 'quarantined_until', 'ended_early', 'blocked_at', 'virtual_number', 'unconfirmed'],
];
const COLUMNS_OF_POOL = [
  ...['pin', 'direction', 'max_call_seconds', 'max_ring_seconds', 'max_calls_per_hour', 'quiet_hours', 'claim_by_pin'],
  'record_calls',
];

/** One lookup in each of four keys. @param key the column of the assignment's own key on its number */
function assignmentBy(key: string): string {
  return `
    ${OURS}
    ${lookUp('assignment', 'assignments', COLUMNS_OF_ASSIGNMENT, `assignment.virtual_number = ours.number AND ${key}`)}
    ${lookUp('number', 'virtual_numbers', ['pool_id'], 'number.number = assignment.virtual_number')}
    ${lookUp('pool', 'pools', COLUMNS_OF_POOL, 'pool.id = number.pool_id')}`;
}

/** The assignment by which the caller reaches somebody behind the number. */
export const ASSIGNMENT_OF_CALLER = assignmentBy('assignment.dialler_key = asked.caller_key');

/** The assignment to which `pin_key` of `asked` leads behind the number. */
export const ASSIGNMENT_OF_PIN = assignmentBy('assignment.pin_key = asked.pin_key');

/**
 * The columns of `Unjoined`. They count no rows: a shared number may have tens of thousands, and anybody can call it. No
 * EXISTS, because the planner may read a whole table for several at once.
 */
export const UNJOINED = `
           own_number.pin IS NOT NULL AS "numberIsOurs", COALESCE(own_number.pin, 'off') AS pin,
           (SELECT true FROM virtual_number_keys AS known
            WHERE known.phone_key = asked.caller_key) IS TRUE AS "callerIsOurs",
           (SELECT true FROM assignments AS own WHERE own.dialler_key = asked.caller_key LIMIT 1) IS TRUE AS "callerIsKnown",
           mirror.order_id AS "standsForCallerIn", mirror.dialler_role AS "callerRole",
           CASE WHEN own_number.orders_held = 1
             THEN (SELECT assignment.order_id FROM assignments AS assignment
                   WHERE assignment.virtual_number = own_number.number AND assignment.released_at IS NULL LIMIT 1)
           END AS "onlyOrder",
           COALESCE(own_number.orders_held > 0, false) AS "servesOrders"`;

/** Where the columns of `Unjoined` come from. */
export const NUMBER_AND_MIRROR = `
    LEFT JOIN LATERAL (SELECT pool.pin, number.orders_held, number.number, number.pool_id
                       FROM (SELECT) AS one
                       ${OURS}
                       ${lookUp('number', 'virtual_numbers', ['orders_held', 'number', 'pool_id'], "number.number = ours.number AND number.status <> 'retired'")}
                       ${lookUp('pool', 'pools', ['pin'], 'pool.id = number.pool_id')}) AS own_number ON true
    LEFT JOIN LATERAL (SELECT own.order_id, own.dialler_role FROM assignments AS own
                       WHERE own.dialler_key = asked.caller_key AND own.shown_number = own_number.number
                       LIMIT 1) AS mirror ON true`;

/** The pool of the dialled number, also of a retired one, and how many PINs connect on it now. */
export const PINS_ON_NUMBER = `
    SELECT number.pool_id AS "poolId",
           (SELECT count(*)::integer FROM assignments AS assignment
            WHERE assignment.virtual_number = number.number AND assignment.pin_key IS NOT NULL
              AND assignment.released_at IS NULL) AS pins
    FROM (SELECT) AS one
    ${OURS}
    ${lookUp('number', 'virtual_numbers', ['number', 'pool_id'], 'number.number = ours.number')}`;
