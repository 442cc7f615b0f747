import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../role.js';

/** A participant's right to dial its number, as the registered phone has it. */
export interface ParticipantAssignment {
  readonly role: Role;
  readonly number: E164;
  /** Sealed; null until somebody asked for it. */
  readonly pin: Buffer | null;
  readonly pinKey: Buffer | null;
  readonly blockedAt: Date | null;
}

/** The right that a participant of an order has now; null while it has no number. */
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

/** Gives a participant's right a PIN, or takes it away. A unique index refuses one that leads to somebody else behind the number. */
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

/** Blocks a dialler, with whatever phone, since then; null lifts it. */
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

/** Blocks whoever may ring this participant, or lifts it. @returns whether anybody may */
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
