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

/** A link between two participants who are both known. */
export interface KnownLink<Participant = Omit<AssignedParticipant, 'dials'>> {
  readonly one: Participant;
  readonly other: Participant;
  /** The only role that may dial on this link; null = as the pool's direction says. */
  readonly onlyFrom: Role | null;
}

/**
 * Takes two numbers for each of the links, and stores their assignments, in one statement. All the numbers differ, are
 * of one provider, and fit every participant of these links. Only for participants with one phone each.
 *
 * @returns false, without a change, if so many such numbers were not free now; fewer, or others, may do
 */
export async function assignLinks(
  tx: EntityManager,
  order: { readonly id: string; readonly poolId: string },
  links: readonly KnownLink[],
  span: Span,
): Promise<boolean> {
  const sides = links.flatMap(({ one, other, onlyFrom }) => [
    { dialler: one, callee: other, mayDial: mayDial(one.role, onlyFrom) },
    { dialler: other, callee: one, mayDial: mayDial(other.role, onlyFrom) },
  ]);
  const assigned = await runIn(tx, assignmentOf(sides.length), [
    ...[order.id, order.poolId, span.assignedAt, span.connectsUntil, span.quarantineSeconds, drawLot()],
    ...sides.flatMap(({ dialler, callee, mayDial: may }) => [
      ...[dialler.phoneKey, dialler.participantId, dialler.role, may],
      ...[callee.phone, callee.participantId, callee.role],
    ]),
  ]);
  return assigned.length > 0;
}

const SIDE_COLUMNS = {
  dialler_key: 'bytea',
  dialler_id: 'uuid',
  dialler_role: 'text',
  may_dial: 'boolean',
  callee_phone: 'bytea',
  callee_id: 'uuid',
  callee_role: 'text',
};
const SIDE_TYPES = Object.values(SIDE_COLUMNS);

/** The parameters before those of the sides. */
const ORDER_PARAMETERS = 6;

const assignments = new Map<number, Statement>();

/** The statement that assigns as many sides. */
function assignmentOf(sides: number): Statement {
  const statement = assignments.get(sides) ?? writeAssignment(sides);
  assignments.set(sides, statement);
  return statement;
}

/**
 * Two sides of a link follow each other: the callee of an odd side dials the next one's number. States whether each side
 * is in doubt after a restore, so that the trigger `doubt_assignment` has nothing to look up.
 */
function writeAssignment(sides: number): Statement {
  const parameter = (side: number, column: number) => `$${ORDER_PARAMETERS + side * SIDE_TYPES.length + column + 1}`;
  const rows = Array.from({ length: sides }, (_, side) => {
    const values = SIDE_TYPES.map((type, column) => `${parameter(side, column)}::${type}`);
    return `(${values.join(', ')}, ${side + 1}, ${side % 2 === 0 ? side + 2 : side})`;
  });
  const diallers = Array.from({ length: sides }, (_, side) => parameter(side, 0));
  return {
    name: `assign-${sides}-sides`,
    text: `
  WITH ${pick('picked', {
    pool: '$2',
    lot: '$6',
    dialler: `IN (${diallers.join(', ')})`,
    besides: `''`,
    count: sides,
  })}, chosen AS MATERIALIZED (
    SELECT array_agg(picked.number) AS numbers FROM picked HAVING count(*) = ${sides}
  ), taken AS (
    UPDATE virtual_numbers AS number
    SET orders_held = number.orders_held + 1, last_assigned_at = $3::timestamptz
    WHERE number.number = ANY ((SELECT chosen.numbers FROM chosen)::text[])
  ), written AS (
    INSERT INTO assignments (${COLUMNS}, unconfirmed)
    SELECT $1::uuid, $3::timestamptz, $4::timestamptz, chosen.numbers[side.place], side.dialler_key, side.dialler_id,
           side.dialler_role, side.callee_id, side.callee_phone, chosen.numbers[side.opposite], side.callee_role,
           side.may_dial, $5::integer,
           EXISTS (SELECT FROM unconfirmed_participants AS one
                   WHERE one.participant_id IN (side.dialler_id, side.callee_id))
    FROM chosen
    CROSS JOIN (VALUES ${rows.join(', ')}) AS side (${Object.keys(SIDE_COLUMNS).join(', ')}, place, opposite)
  )
  SELECT FROM chosen`,
  };
}

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

/** Makes the half-open links to one role lead to another one. The numbers stay. */
export async function expectInstead(tx: EntityManager, orderId: string, expected: Role, joining: Role): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET callee_role = ${joining}
    WHERE assignment.order_id = ${orderId} AND assignment.callee_role = ${expected} AND assignment.callee_id IS NULL
      AND assignment.released_at IS NULL`;
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
  /** Whether the callee blocks the dialler. */
  readonly blocked: boolean;
}

/** The sides of all links of these orders that have a number, with the registered phones. */
export async function linkSides(tx: EntityManager, orderIds: readonly string[]): Promise<LinkSide[]> {
  return tx.sql<LinkSide[]>`
    SELECT assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_role AS "calleeRole",
           assignment.callee_id AS "calleeId", assignment.virtual_number AS number,
           assignment.quarantined_until IS NOT NULL AS closed, assignment.blocked_at IS NOT NULL AS blocked
    FROM assignments AS assignment
    WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL
      AND assignment.how_known = 'registered'
    ORDER BY assignment.assigned_at, assignment.dialler_role, assignment.callee_role`;
}
