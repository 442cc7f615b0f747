import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../role.js';

/** A participant's assignment on one link, with the registered phone. */
export interface ParticipantAssignment {
  readonly role: Role;
  /** With `role`, the link. */
  readonly calleeRole: Role;
  readonly number: E164;
  /** Sealed; null until the PIN is first read. */
  readonly pin: Buffer | null;
  readonly pinKey: Buffer | null;
  readonly blockedAt: Date | null;
}

/** The current assignments of a participant of an order, one for each link; none while the participant has no number. */
export async function participantAssignments(
  tx: EntityManager,
  orderId: string,
  diallerId: string,
): Promise<ParticipantAssignment[]> {
  return tx.sql<ParticipantAssignment[]>`
    SELECT own.dialler_role AS role, own.callee_role AS "calleeRole", own.virtual_number AS number, own.pin,
           own.pin_key AS "pinKey", own.blocked_at AS "blockedAt"
    FROM assignments AS own
    WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.how_known = 'registered'
      AND own.released_at IS NULL
    ORDER BY own.callee_role`;
}

/** One side of a link of an order. */
export interface SideKey {
  readonly orderId: string;
  readonly diallerId: string;
  readonly calleeRole: Role;
}

/**
 * Sets or removes the PIN of a participant's assignment. A unique index refuses a PIN that leads to somebody else
 * behind the number.
 */
export async function setPin(
  tx: EntityManager,
  { orderId, diallerId, calleeRole }: SideKey,
  pin: { readonly pin: Buffer; readonly pinKey: Buffer } | null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS own
    SET pin = ${pin?.pin ?? null}, pin_key = ${pin?.pinKey ?? null}
    WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.callee_role = ${calleeRole}
      AND own.how_known = 'registered' AND own.released_at IS NULL`;
}

/** Blocks a dialler on one link, from all phones, since an instant; null removes the block. */
export async function setBlocked(
  tx: EntityManager,
  { orderId, diallerId, calleeRole }: SideKey,
  since: Date | null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS own
    SET blocked_at = ${since}
    WHERE own.order_id = ${orderId} AND own.dialler_id = ${diallerId} AND own.callee_role = ${calleeRole}
      AND own.released_at IS NULL`;
}

/** Who blocks whom on a link of an order. */
export async function blocksOnLink(
  tx: EntityManager,
  orderId: string,
  roles: readonly [Role, Role],
): Promise<{ readonly by: Role; readonly of: Role }[]> {
  return tx.sql<{ by: Role; of: Role }[]>`
    SELECT DISTINCT own.callee_role AS by, own.dialler_role AS of FROM assignments AS own
    WHERE own.order_id = ${orderId} AND own.dialler_role = ANY(${roles}::text[])
      AND own.callee_role = ANY(${roles}::text[]) AND own.blocked_at IS NOT NULL AND own.released_at IS NULL`;
}

/** The roles of those who can ring this participant. */
export async function callersOf(tx: EntityManager, orderId: string, calleeId: string): Promise<Role[]> {
  const rows = await tx.sql<{ role: Role }[]>`
    SELECT DISTINCT other.dialler_role AS role FROM assignments AS other
    WHERE other.order_id = ${orderId} AND other.callee_id = ${calleeId} AND other.released_at IS NULL
    ORDER BY role`;
  return rows.map(({ role }) => role);
}

/** Blocks the caller of a role from a participant since an instant; null removes the block. */
export async function blockCaller(
  tx: EntityManager,
  { orderId, calleeId }: { readonly orderId: string; readonly calleeId: string },
  callerRole: Role,
  since: Date | null,
): Promise<void> {
  await tx.sql`
    UPDATE assignments AS other
    SET blocked_at = CASE WHEN ${since}::timestamptz IS NOT NULL THEN COALESCE(other.blocked_at, ${since}::timestamptz) END
    WHERE other.order_id = ${orderId} AND other.callee_id = ${calleeId} AND other.dialler_role = ${callerRole}
      AND other.released_at IS NULL`;
}
