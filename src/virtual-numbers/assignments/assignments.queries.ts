import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { runIn, type Statement } from '../../platform/database/statement.js';
import type { Role } from '../role.js';
import { drawLot, pick } from './take-number.queries.js';

/** A participant of an order, as an assignment needs it. */
export interface AssignedParticipant {
  readonly participantId: string;
  readonly role: Role;
  readonly phone: Buffer;
  readonly phoneKey: Buffer;
  /** The number that this participant dials. It is also shown for the other participant's calls. */
  readonly dials: E164;
}

export interface Span {
  readonly assignedAt: Date;
  /** The last instant at which a call may connect if nobody closes the order: its lifetime and grace. */
  readonly connectsUntil: Date;
}

export interface NewAssignment {
  readonly orderId: string;
  readonly dialler: AssignedParticipant;
  readonly callee: AssignedParticipant;
  readonly span: Span;
}

/**
 * Stores that the dialler reaches the callee by its number. The primary key refuses a pair that is open, in grace or in
 * quarantine.
 */
export async function insertAssignment(tx: EntityManager, assignment: NewAssignment): Promise<void> {
  const { orderId, dialler, callee, span } = assignment;
  await runIn(tx, insertOne, [
    ...[orderId, span.assignedAt, span.connectsUntil],
    ...[dialler.dials, dialler.phoneKey, dialler.participantId, dialler.role],
    ...[callee.participantId, callee.phone, callee.dials],
  ]);
}

const COLUMNS = `order_id, assigned_at, connects_until, virtual_number, dialler_key, dialler_id, dialler_role,
                 callee_id, callee_phone, shown_number`;

const insertOne: Statement = {
  name: 'insert-assignment',
  text: `INSERT INTO assignments (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};

/**
 * Takes a number for each participant of an order, two different ones of one provider, and stores both assignments, in
 * one statement. Equivalent to `takeNumber` and `insertAssignment` for each. Only for participants with one phone each.
 *
 * @returns what each participant dials; null, without a change, if two numbers were not free now
 */
export async function assignTwo(
  tx: EntityManager,
  order: { readonly id: string; readonly poolId: string },
  customer: Omit<AssignedParticipant, 'dials'>,
  agent: Omit<AssignedParticipant, 'dials'>,
  span: Span,
): Promise<Record<Role, E164> | null> {
  const [dials] = await runIn<Record<Role, E164>>(tx, assignBothSides, [
    ...[order.id, order.poolId, span.assignedAt, span.connectsUntil, drawLot(), drawLot()],
    ...[customer.phoneKey, customer.participantId, customer.phone],
    ...[agent.phoneKey, agent.participantId, agent.phone],
  ]);
  return dials ?? null;
}

const assignBothSides: Statement = {
  name: 'assign-both-sides',
  text: `
  WITH ${pick('customer', { pool: '$2', lot: '$5', dialler: '= $7', besides: `''` })},
  ${pick('agent', {
    pool: '$2',
    lot: '$6',
    dialler: '= $10',
    besides: '(SELECT customer.number FROM customer)',
    provider: 'number.provider = (SELECT customer.provider FROM customer)',
  })},
  taken AS (
    UPDATE virtual_numbers AS number
    SET orders_held = number.orders_held + 1, last_assigned_at = $3::timestamptz
    FROM customer, agent
    WHERE number.number IN (customer.number, agent.number)
  ), written AS (
    INSERT INTO assignments (${COLUMNS})
    SELECT $1::uuid, $3::timestamptz, $4::timestamptz, side.*
    FROM customer, agent,
         LATERAL (VALUES
           (customer.number, $7::bytea, $8::uuid, 'customer', $11::uuid, $12::bytea, agent.number),
           (agent.number, $10::bytea, $11::uuid, 'agent', $8::uuid, $9::bytea, customer.number)) AS side
  )
  SELECT customer.number AS customer, agent.number AS agent FROM customer, agent`,
};

/**
 * Makes the dialler's open assignment ring another callee. The dialled number stays.
 *
 * @param keepsBlock whether the new callee is the same person, so that a block stays
 */
export async function redirectAssignment(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
  callee: AssignedParticipant,
  keepsBlock: boolean,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET callee_id = ${callee.participantId}, callee_phone = ${callee.phone}, shown_number = ${callee.dials},
        blocked_at = CASE WHEN ${keepsBlock}::boolean THEN assignment.blocked_at END
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_id = ${diallerId}
      AND assignment.released_at IS NULL`;
}

/** Which of the phones (by keyed lookup) have an assignment, including quarantine. */
export async function phonesWithAssignments(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<Buffer[]> {
  const rows = await tx.sql<{ phoneKey: Buffer }[]>`
    SELECT DISTINCT held.dialler_key AS "phoneKey" FROM assignments AS held
    WHERE held.dialler_key = ANY(${[...phoneKeys]}::bytea[])`;
  return rows.map(({ phoneKey }) => phoneKey);
}

/** The orders in which a participant dials this number, while calls connect; longest assigned first. */
export async function ordersDialling(tx: EntityManager, number: E164): Promise<string[]> {
  const rows = await tx.sql<{ order_id: string }[]>`
    SELECT assignment.order_id FROM assignments AS assignment
    WHERE assignment.virtual_number = ${number} AND assignment.released_at IS NULL
    GROUP BY assignment.order_id
    ORDER BY min(assignment.assigned_at)`;
  return rows.map((row) => row.order_id);
}

/** The number that each participant of these orders dials, by the participant's id, while calls connect. */
export async function numbersDialled(tx: EntityManager, orderIds: readonly string[]): Promise<Map<string, E164>> {
  const rows = await tx.sql<{ dialler_id: string; virtual_number: E164 }[]>`
    SELECT assignment.dialler_id, assignment.virtual_number
    FROM assignments AS assignment
    WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL`;
  return new Map(rows.map((row) => [row.dialler_id, row.virtual_number]));
}
