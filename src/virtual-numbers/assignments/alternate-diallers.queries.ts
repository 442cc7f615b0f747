import type { EntityManager } from 'typeorm';

import type { Role } from '../role.js';

/** How an alternate phone became known: declared by the order system, or claimed by PIN. */
export type HowKnown = 'declared' | 'pin';

/** An alternate phone of a participant. */
export interface Alternate {
  /** Keyed lookup. */
  readonly phoneKey: Buffer;
  readonly howKnown: HowKnown;
}

/**
 * Lets an alternate phone dial the numbers that the registered phone dials, with the same callees, shown numbers, end
 * and blocks. A phone that was removed from this participant may be added again. Without a number, nothing is stored.
 *
 * @returns false if the pair (number, phone) belongs to somebody else: open, in grace or in quarantine; or if a restore
 *   has left unknown whether it does
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
                                        callee_phone, shown_number, callee_role, may_dial, assigned_at, connects_until,
                                        quarantined_until, blocked_at, how_known, quarantine_seconds)
      SELECT own.virtual_number, ${phoneKey}, own.order_id, own.dialler_id, own.dialler_role, own.callee_id,
             own.callee_phone, own.shown_number, own.callee_role, own.may_dial, ${now}, own.connects_until,
             own.quarantined_until, own.blocked_at, ${howKnown}, own.quarantine_seconds
      FROM registered AS own
      JOIN virtual_numbers AS number ON number.number = own.virtual_number
      WHERE number.withheld_until IS NULL
         OR EXISTS (SELECT FROM assignments AS present
                    WHERE present.virtual_number = own.virtual_number AND present.dialler_key = ${phoneKey}
                      AND present.order_id = own.order_id AND present.dialler_id = own.dialler_id
                      AND present.released_at IS NULL)
      ON CONFLICT (virtual_number, dialler_key) DO UPDATE
        SET callee_id = EXCLUDED.callee_id, callee_phone = EXCLUDED.callee_phone, shown_number = EXCLUDED.shown_number,
            may_dial = EXCLUDED.may_dial, connects_until = EXCLUDED.connects_until, quarantined_until = EXCLUDED.quarantined_until, released_at = NULL,
            ended_early = false,
            blocked_at = EXCLUDED.blocked_at, how_known = EXCLUDED.how_known
        WHERE known.order_id = EXCLUDED.order_id AND known.dialler_id = EXCLUDED.dialler_id
          AND known.callee_role = EXCLUDED.callee_role AND known.how_known <> 'registered'
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM registered)::integer AS held, (SELECT count(*) FROM written)::integer AS written`;
  return row.held === row.written;
}

/**
 * Ends an alternate phone's assignments, which go into quarantine. The numbers stay with the order, because the
 * registered phone still dials them.
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

/** Deletes an alternate phone's assignments, so that the same phone can be registered on the same numbers at once. */
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

/** Moves the alternate phones of one side of a link to the same person's new participant id, with the number. */
export async function passDiallersOn(
  tx: EntityManager,
  orderId: string,
  leaverId: string,
  newcomerId: string,
  calleeRole: Role,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS assignment
    SET dialler_id = ${newcomerId}
    WHERE assignment.order_id = ${orderId} AND assignment.dialler_id = ${leaverId}
      AND assignment.callee_role = ${calleeRole} AND assignment.how_known <> 'registered'
      AND assignment.released_at IS NULL`;
}
