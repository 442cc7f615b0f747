import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../role.js';

/** A participant's assignment with the registered phone. */
export interface ParticipantAssignment {
  readonly role: Role;
  readonly number: E164;
  /** Sealed; null until the PIN is first read. */
  readonly pin: Buffer | null;
  readonly pinKey: Buffer | null;
  readonly blockedAt: Date | null;
}

/** The current assignment of a participant of an order; null while the participant has no number. */
export async function participantAssignment(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
): Promise<ParticipantAssignment | null> {
  const [right] = await tx.sql<ParticipantAssignment[]>`
    SELECT own.dialler_role AS role, own.virtual_number AS number, own.pin, own.pin_key AS "pinKey", own.blocked_at AS "blockedAt"
    FROM assignments AS own
    WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.how_known = 'registered'
      AND own.released_at IS NULL`;
  return right ?? null;
}

/**
 * Sets or removes the PIN of a participant's assignment. A unique index refuses a PIN that leads to somebody else
 * behind the number.
 */
export async function setPin(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
  pin: { readonly pin: Buffer; readonly pinKey: Buffer } | null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS own
    SET pin = ${pin?.pin ?? null}, pin_key = ${pin?.pinKey ?? null}
    WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.how_known = 'registered'
      AND own.released_at IS NULL`;
}

/** Blocks a dialler, from all phones, since an instant; null removes the block. */
export async function setBlocked(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
  since: Date | null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS own
    SET blocked_at = ${since}
    WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.released_at IS NULL`;
}

/** Blocks or unblocks whoever can ring this participant. @returns whether anybody can */
export async function blockCallersOf(
  tx: EntityManager,
  orderId: string,
  calleeId: string,
  since: Date | null,
): Promise<boolean> {
  const [, count] = await tx.sql<[unknown, number]>`
    UPDATE assignments AS other
    SET blocked_at = CASE WHEN ${since}::timestamptz IS NOT NULL THEN COALESCE(other.blocked_at, ${since}::timestamptz) END
    WHERE other.order_id = ${orderId} AND other.callee_id = ${calleeId} AND other.released_at IS NULL`;
  return count > 0;
}
