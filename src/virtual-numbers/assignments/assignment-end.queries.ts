import type { EntityManager } from 'typeorm';

import { runIn, type Statement } from '../../platform/database/statement.js';
import type { Role } from '../role.js';

/** How assignments end. */
export interface AssignmentEnd {
  /** The last instant at which calls connect. */
  readonly connectsUntil: Date;
  /** The end of the quarantine after that. */
  readonly quarantinedUntil: Date;
}

/** Whether the diallers stay on the order, all but one who leaves. They hear that only the number has ended. */
export interface OrderGoesOn {
  readonly leaverId?: string;
}

/** Which assignments of an order: those that meet all given conditions; all of them if none is given. */
export interface Part {
  readonly diallerId?: string;
  /** Those that ring these roles. */
  readonly calleeRoles?: readonly Role[];
  /** Both sides of all links of a role. */
  readonly linksOf?: Role;
  /** Both sides of the link between two roles. */
  readonly link?: readonly [Role, Role];
}

/** The condition of a `Part`, whose values are the parameters from `first` on. */
const isPart = (first: number) => `
      ($${first}::uuid IS NULL OR assignment.dialler_id = $${first}::uuid)
      AND ($${first + 1}::text[] IS NULL OR assignment.callee_role = ANY($${first + 1}::text[]))
      AND ($${first + 2}::text IS NULL OR $${first + 2}::text IN (assignment.dialler_role, assignment.callee_role))
      AND ($${first + 3}::text[] IS NULL
           OR (assignment.dialler_role = ANY($${first + 3}::text[]) AND assignment.callee_role = ANY($${first + 3}::text[])))`;

const valuesOf = ({ diallerId, calleeRoles, linksOf, link }: Part) => [
  ...[diallerId ?? null, calleeRoles ?? null, linksOf ?? null, link ?? null],
];

/**
 * Ends the orders' assignments, or a part of them. The numbers stay with the orders until `releaseNumbers`, which locks
 * the numbers of many orders in one sequence.
 */
export async function closeAssignments(
  tx: EntityManager,
  orderIds: readonly string[],
  { connectsUntil, quarantinedUntil }: AssignmentEnd,
  part: Part = {},
  goesOn: OrderGoesOn | null = null,
): Promise<void> {
  const ended = [orderIds, connectsUntil, quarantinedUntil];
  await runIn(tx, closePart, [...ended, ...valuesOf(part), goesOn !== null, goesOn?.leaverId ?? null]);
}

const closePart: Statement = {
  name: 'close-assignments',
  text: `
    UPDATE assignments AS assignment
    SET connects_until = $2, quarantined_until = $3,
        ended_early = $8::boolean AND assignment.dialler_id IS DISTINCT FROM $9::uuid
    WHERE assignment.order_id = ANY($1::uuid[]) AND assignment.released_at IS NULL AND ${isPart(4)}`,
};

/** Reopens an order's assignments: they connect until the given instant, and have no quarantine yet. */
export async function reopenAssignments(tx: EntityManager, orderId: string, connectsUntil: Date): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET connects_until = ${connectsUntil}, quarantined_until = NULL
    WHERE assignment.order_id = ${orderId} AND assignment.released_at IS NULL`;
}

/**
 * Releases the numbers of these orders, or a part of them: marks their assignments as released, and lowers each
 * number's count of links. A number that still serves the link's other participant is not released. Numbers are locked
 * in one sequence, so that two releases cannot deadlock; takers never wait.
 *
 * @returns how many numbers were released
 */
export async function releaseNumbers(
  tx: EntityManager,
  orderIds: readonly string[],
  now: Date,
  part: Part = {},
): Promise<number> {
  const [row] = await runIn<{ released: number }>(tx, releasePart, [orderIds, now, ...valuesOf(part)]);
  return row!.released;
}

const releasePart: Statement = {
  name: 'release-numbers',
  text: `
    WITH released AS (
      UPDATE assignments AS assignment
      SET released_at = $2
      WHERE assignment.order_id = ANY($1::uuid[]) AND assignment.released_at IS NULL AND ${isPart(3)}
      RETURNING assignment.order_id, assignment.virtual_number, assignment.dialler_key,
                LEAST(assignment.dialler_role, assignment.callee_role) AS one_role,
                GREATEST(assignment.dialler_role, assignment.callee_role) AS other_role
    ), freed AS (
      SELECT released.virtual_number AS number,
             count(DISTINCT (released.order_id, released.one_role, released.other_role))::integer AS links
      FROM released
      WHERE NOT EXISTS (
        SELECT FROM assignments AS kept
        WHERE kept.order_id = released.order_id AND kept.virtual_number = released.virtual_number
          AND LEAST(kept.dialler_role, kept.callee_role) = released.one_role
          AND GREATEST(kept.dialler_role, kept.callee_role) = released.other_role
          AND kept.released_at IS NULL
          AND kept.dialler_key NOT IN (SELECT also.dialler_key FROM released AS also
                                       WHERE also.virtual_number = kept.virtual_number))
      GROUP BY released.virtual_number
    ), locked AS MATERIALIZED (
      SELECT number.number, freed.links, pool.capacity
      FROM virtual_numbers AS number
      JOIN freed ON freed.number = number.number
      JOIN pools AS pool ON pool.id = number.pool_id
      ORDER BY number.number
      FOR NO KEY UPDATE OF number
    ), lowered AS (
      UPDATE virtual_numbers AS number
      SET orders_held = number.orders_held - locked.links,
          capacity = GREATEST(locked.capacity, number.orders_held - locked.links)
      FROM locked
      WHERE number.number = locked.number
      RETURNING 1
    )
    SELECT count(*)::integer AS released FROM lowered`,
};

/** The dialler of an archived assignment, and their phone. */
export interface ArchivedDialler {
  readonly participantId: string;
  /** Keyed lookup. */
  readonly phoneKey: Buffer;
}

/**
 * Moves assignments whose quarantine is over into history, without phones, at most `limit` at once. Skips rows that
 * another process is moving. Of a participant's several phones, only the registered one's assignment is kept.
 *
 * @returns their diallers, whose stored phones are no longer needed
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
    INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_id, callee_role,
                                    shown_number, assigned_at, connects_until, released_at, quarantined_until)
    SELECT archived.virtual_number, archived.order_id, archived.dialler_id, archived.dialler_role, archived.callee_id,
           archived.callee_role, archived.shown_number, archived.assigned_at, archived.connects_until,
           archived.released_at, archived.quarantined_until
    FROM archived
    WHERE archived.how_known = 'registered'
    )
    SELECT archived.dialler_id AS "participantId", archived.dialler_key AS "phoneKey" FROM archived`;
}
