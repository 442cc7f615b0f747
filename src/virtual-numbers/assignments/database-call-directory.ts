import { Injectable } from '@nestjs/common';

import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { Statement } from '../../platform/database/statement.js';
import { CallDirectory, type CallAssignment, type PinsOnNumber, type Unjoined } from './call-directory.js';

/** A number and a phone that somebody asks about, by their keys; null = withheld. */
interface Asked<Dialler extends Buffer | null> {
  readonly numberKey: Buffer;
  readonly diallerKey: Dialler;
}

/** The position of a row's request in its batch, counted from one. */
interface Positioned {
  readonly position: number;
}

/**
 * Reads the database with index lookups only, on the connections reserved for calls. Lookups that are in flight at the
 * same time share a statement.
 */
@Injectable()
export class DatabaseCallDirectory extends CallDirectory {
  private readonly assignments = new BatchedStatement((asked: readonly Asked<Buffer>[]) => this.findEach(asked));
  private readonly unjoined = new BatchedStatement((asked: readonly Asked<Buffer | null>[]) =>
    this.describeEach(asked),
  );

  constructor(
    private readonly connections: CallConnections,
    private readonly vault: PhoneVault,
  ) {
    super();
  }

  async findAssignment(number: E164, diallerKey: Buffer): Promise<CallAssignment | null> {
    return this.assignments.ask({ numberKey: this.vault.keyOf(number), diallerKey });
  }

  async findAssignmentByPin(number: E164, pinKey: Buffer): Promise<CallAssignment | null> {
    const { rows } = await this.connections.query<CallAssignment>({ ...findAssignmentByPin, values: [number, pinKey] });
    return rows[0] ?? null;
  }

  async describeUnjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined> {
    return this.unjoined.ask({ numberKey: this.vault.keyOf(number), diallerKey: callerKey });
  }

  async countPins(number: E164): Promise<PinsOnNumber> {
    const { rows } = await this.connections.query<PinsOnNumber>({ ...countPins, values: [number] });
    return rows[0]!;
  }

  private async findEach(asked: readonly Asked<Buffer>[]): Promise<readonly (CallAssignment | null)[]> {
    const { rows } = await this.connections.query<CallAssignment & Positioned>({
      ...findAssignments,
      values: keysOf(asked),
    });
    const found: (CallAssignment | null)[] = asked.map(() => null);
    for (const { position, ...assignment } of rows) found[position - 1] = assignment;
    return found;
  }

  private async describeEach(asked: readonly Asked<Buffer | null>[]): Promise<readonly Unjoined[]> {
    const { rows } = await this.connections.query<Unjoined & Positioned>({
      ...describeUnjoined,
      values: keysOf(asked),
    });
    const facts: Unjoined[] = [];
    for (const { position, ...unjoined } of rows) facts[position - 1] = unjoined;
    return facts;
  }
}

function keysOf(asked: readonly Asked<Buffer | null>[]): (Buffer | null)[][] {
  return [asked.map(({ numberKey }) => numberKey), asked.map(({ diallerKey }) => diallerKey)];
}

const ASSIGNMENT_AND_POLICY = `
           assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_role AS "calleeRole",
           assignment.callee_id AS "calleeId", assignment.may_dial AS "mayDial",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed,
           assignment.blocked_at IS NOT NULL AS blocked,
           pool.pin, pool.direction, pool.max_call_seconds AS "maxCallSeconds", pool.max_ring_seconds AS "maxRingSeconds",
           pool.max_calls_per_hour AS "maxCallsPerHour", pool.quiet_hours AS "quietHours",
           pool.claim_by_pin AS "claimByPin", pool.record_calls AS "recordCalls"`;

/**
 * A lookup of one row. The limit forces PostgreSQL to look each row up by its key: without it, the planner may join whole
 * tables while they are small, and keep that plan when they have grown.
 */
const lookUp = (row: string, table: string, condition: string) =>
  `JOIN LATERAL (SELECT ${row}.* FROM ${table} AS ${row} WHERE ${condition} LIMIT 1) AS ${row} ON true`;

const ITS_POOL = `
    ${lookUp('number', 'virtual_numbers', 'number.number = assignment.virtual_number')}
    ${lookUp('pool', 'pools', 'pool.id = number.pool_id')}`;

/** One lookup in each of four primary keys for each request. */
const findAssignments: Statement = {
  name: 'find-assignment',
  text: `
    SELECT asked.position::integer, ${ASSIGNMENT_AND_POLICY}
    FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS asked (number_key, dialler_key, position)
    ${lookUp('ours', 'virtual_number_keys', 'ours.phone_key = asked.number_key')}
    ${lookUp('assignment', 'assignments', 'assignment.virtual_number = ours.number AND assignment.dialler_key = asked.dialler_key')}
    ${ITS_POOL}`,
};

const findAssignmentByPin: Statement = {
  name: 'find-assignment-by-pin',
  text: `
    SELECT ${ASSIGNMENT_AND_POLICY} FROM assignments AS assignment ${ITS_POOL}
    WHERE assignment.virtual_number = $1 AND assignment.pin_key = $2`,
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

/**
 * Does not count rows: a shared number may have tens of thousands, and anybody can call it. No EXISTS, because the
 * planner may read a whole table for several at once.
 */
const describeUnjoined: Statement = {
  name: 'describe-unjoined',
  text: `
    SELECT asked.position::integer,
           own_number.pin IS NOT NULL AS "numberIsOurs", COALESCE(own_number.pin, 'off') AS pin,
           (SELECT true FROM virtual_number_keys AS known
            WHERE known.phone_key = asked.caller_key) IS TRUE AS "callerIsOurs",
           (SELECT true FROM assignments AS own WHERE own.dialler_key = asked.caller_key LIMIT 1) IS TRUE AS "callerIsKnown",
           mirror.order_id AS "standsForCallerIn", mirror.dialler_role AS "callerRole",
           CASE WHEN own_number.orders_held = 1
             THEN (SELECT assignment.order_id FROM assignments AS assignment
                   WHERE assignment.virtual_number = own_number.number AND assignment.released_at IS NULL LIMIT 1)
           END AS "onlyOrder",
           COALESCE(own_number.orders_held > 0, false) AS "servesOrders"
    FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS asked (number_key, caller_key, position)
    LEFT JOIN LATERAL (SELECT pool.pin, number.orders_held, number.number
                       FROM (SELECT asked.number_key) AS dialled
                       ${lookUp('ours', 'virtual_number_keys', 'ours.phone_key = dialled.number_key')}
                       ${lookUp('number', 'virtual_numbers', "number.number = ours.number AND number.status <> 'retired'")}
                       ${lookUp('pool', 'pools', 'pool.id = number.pool_id')}) AS own_number ON true
    LEFT JOIN LATERAL (SELECT own.order_id, own.dialler_role FROM assignments AS own
                       WHERE own.dialler_key = asked.caller_key AND own.shown_number = own_number.number
                       LIMIT 1) AS mirror ON true`,
};
