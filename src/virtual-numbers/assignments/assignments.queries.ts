import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { runIn, type Statement } from '../../platform/database/statement.js';
import type { Link } from '../link.js';
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
  /** The order's, which follows whenever the assignment ends. */
  readonly quarantineSeconds: number;
}

/** The callee of a half-open link: only the role is known yet. */
export type ExpectedParticipant = Pick<AssignedParticipant, 'role'>;

export interface NewAssignment {
  readonly orderId: string;
  readonly dialler: AssignedParticipant;
  readonly callee: AssignedParticipant | ExpectedParticipant;
  /** The only role that may dial on this link; null = as the pool's direction says. */
  readonly onlyFrom: Role | null;
  readonly span: Span;
}

/**
 * Stores that the dialler reaches the callee by its number. The primary key refuses a pair that is open, in grace or in
 * quarantine.
 */
export async function insertAssignment(tx: EntityManager, assignment: NewAssignment): Promise<void> {
  const { orderId, dialler, callee, onlyFrom, span } = assignment;
  const known = 'dials' in callee ? [callee.participantId, callee.phone, callee.dials] : [null, null, null];
  await runIn(tx, insertOne, [
    ...[orderId, span.assignedAt, span.connectsUntil],
    ...[dialler.dials, dialler.phoneKey, dialler.participantId, dialler.role],
    ...[...known, callee.role, mayDial(dialler.role, onlyFrom), span.quarantineSeconds],
  ]);
}

function mayDial(role: Role, onlyFrom: Role | null): boolean | null {
  return onlyFrom === null ? null : role === onlyFrom;
}

const COLUMNS = `order_id, assigned_at, connects_until, virtual_number, dialler_key, dialler_id, dialler_role,
                 callee_id, callee_phone, shown_number, callee_role, may_dial, quarantine_seconds`;

const insertOne: Statement = {
  name: 'insert-assignment',
  text: `INSERT INTO assignments (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};

/**
 * Takes a number for each participant of a link, two different ones of one provider, and stores both assignments, in
 * one statement. Equivalent to `takeNumber` and `insertAssignment` for each. Only for participants with one phone each.
 *
 * @returns what each participant dials; null, without a change, if two numbers were not free now
 */
export async function assignTwo(
  tx: EntityManager,
  order: { readonly id: string; readonly poolId: string },
  one: Omit<AssignedParticipant, 'dials'>,
  other: Omit<AssignedParticipant, 'dials'>,
  onlyFrom: Role | null,
  span: Span,
): Promise<LinkNumbers | null> {
  const [dials] = await runIn<LinkNumbers>(tx, assignBothSides, [
    ...[order.id, order.poolId, span.assignedAt, span.connectsUntil, drawLot(), drawLot()],
    ...[one.phoneKey, one.participantId, one.phone],
    ...[other.phoneKey, other.participantId, other.phone],
    ...[one.role, other.role, mayDial(one.role, onlyFrom), mayDial(other.role, onlyFrom), span.quarantineSeconds],
  ]);
  return dials ?? null;
}

/** What the two participants of a link dial. */
export interface LinkNumbers {
  readonly one: E164;
  readonly other: E164;
}

const assignBothSides: Statement = {
  name: 'assign-both-sides',
  text: `
  WITH ${pick('one', { pool: '$2', lot: '$5', dialler: '= $7', besides: `''` })},
  ${pick('other', {
    pool: '$2',
    lot: '$6',
    dialler: '= $10',
    besides: '(SELECT one.number FROM one)',
    provider: 'number.provider = (SELECT one.provider FROM one)',
  })},
  taken AS (
    UPDATE virtual_numbers AS number
    SET orders_held = number.orders_held + 1, last_assigned_at = $3::timestamptz
    FROM one, other
    WHERE number.number IN (one.number, other.number)
  ), written AS (
    INSERT INTO assignments (${COLUMNS})
    SELECT $1::uuid, $3::timestamptz, $4::timestamptz, side.*, $17::integer
    FROM one, other,
         LATERAL (VALUES
           (one.number, $7::bytea, $8::uuid, $13::text, $11::uuid, $12::bytea, other.number, $14::text, $15::boolean),
           (other.number, $10::bytea, $11::uuid, $14::text, $8::uuid, $9::bytea, one.number, $13::text, $16::boolean)) AS side
  )
  SELECT one.number AS one, other.number AS other FROM one, other`,
};

/**
 * Makes the dialler's open assignment of a link ring another callee. The dialled number stays.
 *
 * @param callee in the same role as before
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
      AND assignment.callee_role = ${callee.role} AND assignment.released_at IS NULL`;
}

/** Stores which role of a link may dial. */
export async function setOnlyFrom(tx: EntityManager, orderId: string, { roles, onlyFrom }: Link): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET may_dial = CASE WHEN ${onlyFrom}::text IS NOT NULL THEN assignment.dialler_role = ${onlyFrom}::text END
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_role = ANY(${roles}::text[])
      AND assignment.callee_role = ANY(${roles}::text[]) AND assignment.released_at IS NULL`;
}

/** Makes the links of a participant who leaves half-open: the others keep their numbers, which reach nobody. */
export async function halveLinks(tx: EntityManager, orderId: string, leaverId: string): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET callee_id = NULL, callee_phone = NULL, shown_number = NULL, blocked_at = NULL
    WHERE assignment.order_id = ${orderId} AND assignment.callee_id = ${leaverId} AND assignment.released_at IS NULL`;
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

/** One side of a link: the number that a participant dials to reach another, while calls connect. */
export interface LinkSide {
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  readonly calleeRole: Role;
  /** Null while the link is half-open. */
  readonly calleeId: string | null;
  readonly number: E164;
  /** Whether the order is over, in its grace. */
  readonly closed: boolean;
}

/** The sides of all links of these orders that have a number, with the registered phones. */
export async function linkSides(tx: EntityManager, orderIds: readonly string[]): Promise<LinkSide[]> {
  return tx.sql<LinkSide[]>`
    SELECT assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_role AS "calleeRole",
           assignment.callee_id AS "calleeId", assignment.virtual_number AS number,
           assignment.quarantined_until IS NOT NULL AS closed
    FROM assignments AS assignment
    WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL
      AND assignment.how_known = 'registered'
    ORDER BY assignment.assigned_at, assignment.dialler_role, assignment.callee_role`;
}
