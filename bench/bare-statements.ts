import type { Statement } from '../src/platform/database/statement.js';

/*
 * The two statements of a decision, for one call each. The application runs them for many calls at once; the bare server
 * and pgbench do not.
 */

/** One lookup in each of four primary keys. */
export const findAssignment: Statement = {
  name: 'find-assignment',
  text: `
    SELECT assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_role AS "calleeRole",
           assignment.callee_id AS "calleeId", assignment.may_dial AS "mayDial",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed,
           assignment.ended_early AS "endedEarly", assignment.blocked_at IS NOT NULL AS blocked,
           pool.pin, pool.direction, pool.max_call_seconds AS "maxCallSeconds", pool.max_ring_seconds AS "maxRingSeconds",
           pool.max_calls_per_hour AS "maxCallsPerHour", pool.quiet_hours AS "quietHours",
           pool.claim_by_pin AS "claimByPin", pool.record_calls AS "recordCalls"
    FROM assignments AS assignment
    JOIN virtual_numbers AS number ON number.number = assignment.virtual_number
    JOIN pools AS pool ON pool.id = number.pool_id
    WHERE assignment.virtual_number = (SELECT ours.number FROM virtual_number_keys AS ours WHERE ours.phone_key = $1)
      AND assignment.dialler_key = $2`,
};

export const insertDecision: Statement = {
  name: 'record-decision',
  text: `
    INSERT INTO interactions AS known (provider, provider_call_id, at, order_id, caller_role, virtual_number, steps,
                                       decision, reason, ask_at, repeat_secret)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $12)
    ON CONFLICT (provider, provider_call_id) DO UPDATE
      SET steps = known.steps || EXCLUDED.steps, decision = EXCLUDED.decision, reason = EXCLUDED.reason,
          order_id = COALESCE(EXCLUDED.order_id, known.order_id),
          caller_role = COALESCE(EXCLUDED.caller_role, known.caller_role),
          virtual_number = COALESCE(EXCLUDED.virtual_number, known.virtual_number),
          ask_at = CASE WHEN COALESCE(known.outcome, 'not-dialled') = 'not-dialled'
                          OR (known.outcome = 'completed' AND jsonb_path_exists(EXCLUDED.steps, '$.*.record ? (@ == true)'))
                        THEN EXCLUDED.ask_at END,
          repeat_secret = EXCLUDED.repeat_secret
      WHERE NOT known.steps ? $10 AND (known.decision IS NULL
             OR (known.decision <> 'connect' AND known.repeat_secret IS NOT NULL
                 AND COALESCE(known.outcome, 'not-dialled') = 'not-dialled'))`,
};
