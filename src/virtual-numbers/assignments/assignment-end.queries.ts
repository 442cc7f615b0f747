import type { EntityManager } from 'typeorm';

/** How assignments end. */
export interface AssignmentEnd {
  /** The last instant at which calls connect. */
  readonly connectsUntil: Date;
  /** The end of the quarantine after that. */
  readonly quarantinedUntil: Date;
}

/**
 * Ends the orders' assignments, or those of one dialler. The numbers stay with the orders until `releaseNumbers`, which
 * locks the numbers of many orders in one sequence.
 */
export async function closeAssignments(
  tx: EntityManager,
  orderIds: readonly string[],
  { connectsUntil, quarantinedUntil }: AssignmentEnd,
  diallerId: string | null = null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET connects_until = ${connectsUntil}, quarantined_until = ${quarantinedUntil}
    WHERE assignment.order_id = ANY(${orderIds}::uuid[]) AND assignment.released_at IS NULL
      AND (${diallerId}::uuid IS NULL OR assignment.dialler_id = ${diallerId}::uuid)`;
}

/** Reopens an order's assignments: they connect until the given instant, and have no quarantine yet. */
export async function reopenAssignments(tx: EntityManager, orderId: string, connectsUntil: Date): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET connects_until = ${connectsUntil}, quarantined_until = NULL
    WHERE assignment.order_id = ${orderId} AND assignment.released_at IS NULL`;
}

/**
 * Releases the numbers of these orders: marks their assignments as released, and lowers each number's count of orders.
 * A number that still serves the order's other participant is not released. Numbers are locked in one sequence, so that
 * two releases cannot deadlock; takers never wait.
 *
 * @returns how many numbers were released
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
