import type { EntityManager } from 'typeorm';

/** How an alternate phone became known: declared by the order system, or claimed by PIN. */
export type HowKnown = 'declared' | 'pin';

/** An alternate phone of a participant. */
export interface Alternate {
  /** Keyed lookup. */
  readonly phoneKey: Buffer;
  readonly howKnown: HowKnown;
}

/**
 * Lets an alternate phone dial the number that the registered phone dials, with the same callee, shown number, end and
 * block. A phone that was removed from this participant may be added again. Without a number, nothing is stored.
 *
 * @returns false if the pair (number, phone) belongs to somebody else: open, in grace or in quarantine
 */
export async function admitDialler(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
  { phoneKey, howKnown }: Alternate,
  now: Date,
): Promise<boolean> {
  const [row] = await tx.sql<[{ held: number; written: number }]>`
    WITH registered AS (
      SELECT own.* FROM assignments AS own
      WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.how_known = 'registered'
        AND own.released_at IS NULL
    ), written AS (
      INSERT INTO assignments AS known (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id,
                                        callee_phone, shown_number, assigned_at, connects_until, quarantined_until,
                                        blocked_at, how_known)
      SELECT own.virtual_number, ${phoneKey}, own.order_id, own.dialler_id, own.dialler_role, own.callee_id,
             own.callee_phone, own.shown_number, ${now}, own.connects_until, own.quarantined_until, own.blocked_at,
             ${howKnown}
      FROM registered AS own
      ON CONFLICT (virtual_number, dialler_key) DO UPDATE
        SET callee_id = EXCLUDED.callee_id, callee_phone = EXCLUDED.callee_phone, shown_number = EXCLUDED.shown_number,
            connects_until = EXCLUDED.connects_until, quarantined_until = EXCLUDED.quarantined_until, released_at = NULL,
            blocked_at = EXCLUDED.blocked_at, how_known = EXCLUDED.how_known
        WHERE known.order_id = EXCLUDED.order_id AND known.dialler_id = EXCLUDED.dialler_id
          AND known.how_known <> 'registered'
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM registered)::integer AS held, (SELECT count(*) FROM written)::integer AS written`;
  return row.held === row.written;
}

/**
 * Ends a phone's assignment, which goes into quarantine. The number stays with the order, because the registered phone
 * still dials it.
 */
export async function withdrawDialler(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
  phoneKey: Buffer,
  now: Date,
  quarantinedUntil: Date,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET connects_until = LEAST(assignment.connects_until, ${now}), released_at = ${now},
        quarantined_until = ${quarantinedUntil}
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_id = ${diallerId}
      AND assignment.dialler_key = ${phoneKey} AND assignment.how_known <> 'registered'
      AND assignment.released_at IS NULL`;
}

/** Deletes a phone's assignment, so that the same phone can be registered on the same number at once. */
export async function dropDialler(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
  phoneKey: Buffer,
): Promise<void> {
  await tx.sql`
    DELETE FROM assignments AS assignment
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_id = ${diallerId}
      AND assignment.dialler_key = ${phoneKey} AND assignment.how_known <> 'registered'
      AND assignment.released_at IS NULL`;
}

/** Moves a participant's alternate phones to the same person's new participant id, with the number. */
export async function passDiallersOn(
  tx: EntityManager,
  orderId: string,
  leaverId: string,
  newcomerId: string,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET dialler_id = ${newcomerId}
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_id = ${leaverId}
      AND assignment.how_known <> 'registered' AND assignment.released_at IS NULL`;
}
