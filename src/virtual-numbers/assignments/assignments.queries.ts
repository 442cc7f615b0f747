import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { runIn, type Statement } from '../../platform/database/statement.js';
import type { Role } from '../role.js';
import { drawLot, pick } from './take-number.queries.js';

/** One side of an order, as an assignment needs it. */
export interface AssignedParticipant {
  readonly participantId: string;
  readonly role: Role;
  readonly phone: Buffer;
  readonly phoneKey: Buffer;
  /** The number this side dials to reach the other, and so the one the other side's calls show. */
  readonly dials: E164;
}

export interface Span {
  readonly assignedAt: Date;
  /** The last instant at which a call may connect, should nobody close the order: its lifetime and the grace after it. */
  readonly connectsUntil: Date;
}

export interface NewAssignment {
  readonly orderId: string;
  readonly dialler: AssignedParticipant;
  readonly callee: AssignedParticipant;
  readonly span: Span;
}

/** Writes that the dialler reaches the callee by its number. The primary key refuses a pair that is open, in grace or in quarantine. */
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
 * Takes a number for each side of an order, two different ones of one provider, and writes both directions, all in one
 * statement, as `takeNumber` and `insertAssignment` would one after the other. For sides that dial from one phone each.
 *
 * @returns what each side dials; null when two were not to be had now, and nothing is written then.
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

export const assignBothSides: Statement = {
  name: 'assign-both-sides',
  text: `
  WITH ${pick('customer', { pool: '$2', lot: '$5', dialler: '= $7', besides: `''` })},
  ${pick('agent', {
    ...{ pool: '$2', lot: '$6', dialler: '= $10', besides: '(SELECT customer.number FROM customer)' },
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
 * Makes the dialler's open assignment ring somebody else; the number it dials stays as it is.
 *
 * @param keepsBlock whether the new callee is the person who blocked the dialler, if anybody did
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

/** Sets until when the orders' assignments connect, and until when their pairs then rest; null = they do not end yet. */
export async function setEnd(
  tx: EntityManager,
  orderIds: readonly string[],
  connectsUntil: Date,
  quarantinedUntil: Date | null,
  diallerId: string | null = null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET connects_until = ${connectsUntil}, quarantined_until = ${quarantinedUntil}
    WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL
      AND (${diallerId}::uuid IS NULL OR assignment.dialler_id = ${diallerId}::uuid)`;
}

/**
 * Gives back what these orders held: their assignments count as released, and each number holds that many orders less.
 * A number that still serves the order's other side is not given back. Numbers are locked in one order, so that two
 * releases never wait for each other in a circle; a taker never waits at all.
 *
 * @returns how many numbers were given back.
 */
export async function releaseNumbers(
  tx: EntityManager,
  orderIds: readonly string[],
  now: Date,
  diallerId: string | null = null,
): Promise<number> {
  const [, count] = await tx.sql<[unknown, number]>`
    WITH released AS (
      UPDATE assignments AS assignment
      SET released_at = ${now}
      WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL
        AND (${diallerId}::uuid IS NULL OR assignment.dialler_id = ${diallerId}::uuid)
      RETURNING assignment.order_id, assignment.virtual_number, assignment.dialler_key
    ), freed AS (
      SELECT released.virtual_number AS number, count(DISTINCT released.order_id)::integer AS orders
      FROM released
      WHERE NOT EXISTS (
        SELECT FROM assignments AS kept
        WHERE kept.order_id = released.order_id AND kept.virtual_number = released.virtual_number
          AND kept.released_at IS NULL
          AND kept.dialler_key NOT IN (SELECT also.dialler_key FROM released AS also
                                       WHERE also.virtual_number = kept.virtual_number))
      GROUP BY released.virtual_number
    ), locked AS MATERIALIZED (
      SELECT number.number, freed.orders, pool.capacity
      FROM virtual_numbers AS number
      JOIN freed ON freed.number = number.number
      JOIN pools AS pool ON pool.id = number.pool_id
      ORDER BY number.number
      FOR NO KEY UPDATE OF number
    )
    UPDATE virtual_numbers AS number
    SET orders_held = number.orders_held - locked.orders,
        capacity = GREATEST(locked.capacity, number.orders_held - locked.orders)
    FROM locked
    WHERE number.number = locked.number`;
  return count;
}

/** Who dialled a pair that is over, and from which phone. */
export interface ArchivedDialler {
  readonly participantId: string;
  /** Keyed lookup. */
  readonly phoneKey: Buffer;
}

/**
 * Moves pairs whose quarantine is over into history, without their phones, at most `limit` at once; what another
 * process is moving is left to it. Of a participant's several phones the registered one's pair tells it all.
 *
 * @returns who dialled them; their stored phones have no use any more.
 */
export async function archiveAssignments(tx: EntityManager, now: Date, limit: number): Promise<ArchivedDialler[]> {
  return tx.sql<ArchivedDialler[]>`
    WITH over AS (
      SELECT assignment.virtual_number, assignment.dialler_key
      FROM assignments AS assignment
      WHERE assignment.quarantined_until <= ${now} AND assignment.released_at IS NOT NULL
      ORDER BY assignment.quarantined_until
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    ), archived AS (
      DELETE FROM assignments AS assignment
      USING over
      WHERE assignment.virtual_number = over.virtual_number AND assignment.dialler_key = over.dialler_key
      RETURNING assignment.*
    ), recorded AS (
    INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_id, shown_number,
                                    assigned_at, connects_until, released_at, quarantined_until)
    SELECT archived.virtual_number, archived.order_id, archived.dialler_id, archived.dialler_role, archived.callee_id,
           archived.shown_number, archived.assigned_at, archived.connects_until, archived.released_at,
           archived.quarantined_until
    FROM archived
    WHERE archived.how_known = 'registered'
    )
    SELECT archived.dialler_id AS "participantId", archived.dialler_key AS "phoneKey" FROM archived`;
}

/** Those of the phones that have a pair with any number, resting ones included. */
export async function phonesWithPairs(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<Buffer[]> {
  const rows = await tx.sql<{ phoneKey: Buffer }[]>`
    SELECT DISTINCT held.dialler_key AS "phoneKey" FROM assignments AS held
    WHERE held.dialler_key = ANY(${[...phoneKeys]}::bytea[])`;
  return rows.map(({ phoneKey }) => phoneKey);
}

/** The orders in which somebody dials this number, while calls through it connect. */
export async function ordersDialling(tx: EntityManager, number: E164): Promise<string[]> {
  const rows = await tx.sql<{ order_id: string }[]>`
    SELECT DISTINCT assignment.order_id FROM assignments AS assignment
    WHERE assignment.virtual_number = ${number} AND assignment.released_at IS NULL`;
  return rows.map((row) => row.order_id);
}

/** The number each participant of these orders dials, while calls through it still connect. */
export async function numbersDialled(tx: EntityManager, orderIds: readonly string[]): Promise<Map<string, E164>> {
  const rows = await tx.sql<{ dialler_id: string; virtual_number: E164 }[]>`
    SELECT assignment.dialler_id, assignment.virtual_number
    FROM assignments AS assignment
    WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL`;
  return new Map(rows.map((row) => [row.dialler_id, row.virtual_number]));
}
