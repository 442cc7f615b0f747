import type { EntityManager } from 'typeorm';

/**
 * Puts every assignment in doubt whose calls may connect. Those that are written later are in doubt if one of their
 * participants is. The statement that assigns states it, and a trigger does for every other statement.
 */
export async function doubtAssignments(tx: EntityManager): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment SET unconfirmed = true
    WHERE assignment.released_at IS NULL AND NOT assignment.unconfirmed`;
}

/**
 * Lets calls connect again between participants of an order of whom neither is in doubt.
 *
 * @param doubted the participants who still are
 * @param fromAllPhones whether alternate phones may dial again, too
 */
export async function confirmAssignments(
  tx: EntityManager,
  orderId: string,
  doubted: readonly string[],
  fromAllPhones: boolean,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment SET unconfirmed = false
    WHERE assignment.order_id = ${orderId} AND assignment.unconfirmed AND assignment.released_at IS NULL
      AND (${fromAllPhones}::boolean OR assignment.how_known = 'registered')
      AND assignment.dialler_id <> ALL (${doubted}::uuid[])
      AND (assignment.callee_id IS NULL OR assignment.callee_id <> ALL (${doubted}::uuid[]))`;
}

/** Lets one alternate phone dial again. @param doubted the participants who still are in doubt */
export async function confirmAlternate(
  tx: EntityManager,
  orderId: string,
  phoneKey: Buffer,
  doubted: readonly string[],
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment SET unconfirmed = false
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_key = ${phoneKey} AND assignment.unconfirmed
      AND assignment.released_at IS NULL AND assignment.dialler_id <> ALL (${doubted}::uuid[])
      AND (assignment.callee_id IS NULL OR assignment.callee_id <> ALL (${doubted}::uuid[]))`;
}

/** Ends every doubt. */
export async function trustAssignments(tx: EntityManager): Promise<void> {
  await tx.sql`UPDATE assignments AS assignment SET unconfirmed = false WHERE assignment.unconfirmed`;
}
