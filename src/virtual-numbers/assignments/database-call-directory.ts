import { Injectable } from '@nestjs/common';

import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { Statement } from '../../platform/database/statement.js';
import { CallDirectory, type CallAssignment, type PinsOnNumber, type Unjoined } from './call-directory.js';

/** Reads the database with index lookups only, on the connections reserved for calls. */
@Injectable()
export class DatabaseCallDirectory extends CallDirectory {
  constructor(
    private readonly connections: CallConnections,
    private readonly vault: PhoneVault,
  ) {
    super();
  }

  async findAssignment(number: E164, diallerKey: Buffer): Promise<CallAssignment | null> {
    const values = [this.vault.keyOf(number), diallerKey];
    const { rows } = await this.connections.query<CallAssignment>({ ...findAssignment, values });
    return rows[0] ?? null;
  }

  async findAssignmentByPin(number: E164, pinKey: Buffer): Promise<CallAssignment | null> {
    const { rows } = await this.connections.query<CallAssignment>({ ...findAssignmentByPin, values: [number, pinKey] });
    return rows[0] ?? null;
  }

  async describeUnjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined> {
    const values = [this.vault.keyOf(number), callerKey];
    const { rows } = await this.connections.query<Unjoined>({ ...describeUnjoined, values });
    return rows[0]!;
  }

  async countPins(number: E164): Promise<PinsOnNumber> {
    const { rows } = await this.connections.query<PinsOnNumber>({ ...countPins, values: [number] });
    return rows[0]!;
  }
}

const ASSIGNMENT_AND_POLICY = `
    SELECT assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_role AS "calleeRole",
           assignment.callee_id AS "calleeId", assignment.may_dial AS "mayDial",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed,
           assignment.blocked_at IS NOT NULL AS blocked,
           pool.pin, pool.direction, pool.max_call_seconds AS "maxCallSeconds", pool.max_ring_seconds AS "maxRingSeconds",
           pool.max_calls_per_hour AS "maxCallsPerHour", pool.quiet_hours AS "quietHours",
           pool.claim_by_pin AS "claimByPin", pool.record_calls AS "recordCalls"
    FROM assignments AS assignment
    JOIN virtual_numbers AS number ON number.number = assignment.virtual_number
    JOIN pools AS pool ON pool.id = number.pool_id`;

/** One lookup in each of four primary keys. */
const findAssignment: Statement = {
  name: 'find-assignment',
  text: `${ASSIGNMENT_AND_POLICY}
    WHERE assignment.virtual_number = (SELECT ours.number FROM virtual_number_keys AS ours WHERE ours.phone_key = $1)
      AND assignment.dialler_key = $2`,
};

const findAssignmentByPin: Statement = {
  name: 'find-assignment-by-pin',
  text: `${ASSIGNMENT_AND_POLICY} WHERE assignment.virtual_number = $1 AND assignment.pin_key = $2`,
};

const countPins: Statement = {
  name: 'count-pins',
  text: `
    SELECT number.pool_id AS "poolId",
           (SELECT count(*)::integer FROM assignments AS assignment
            WHERE assignment.virtual_number = $1 AND assignment.pin_key IS NOT NULL
              AND assignment.released_at IS NULL) AS pins
    FROM virtual_numbers AS number WHERE number.number = $1`,
};

/** Does not count rows: a shared number may have tens of thousands, and anybody can call it. */
const describeUnjoined: Statement = {
  name: 'describe-unjoined',
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
