import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../role.js';

/**
 * Which of these keyed lookups (in hex) belong to people who are on an order, or were until recently, so that their
 * phones are still stored.
 */
export async function phonesOfPeople(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<Set<string>> {
  const rows = await tx.sql<{ key: Buffer }[]>`
    SELECT incoming.key FROM unnest(${phoneKeys}::bytea[]) AS incoming (key)
    WHERE EXISTS (SELECT FROM participants AS one WHERE one.phone_key = incoming.key)
       OR EXISTS (SELECT FROM participant_phones AS other WHERE other.phone_key = incoming.key)
       OR EXISTS (SELECT FROM assignments AS pair WHERE pair.dialler_key = incoming.key)`;
  return new Set(rows.map(({ key }) => key.toString('hex')));
}

/** An assignment of a phone: a number that it may dial, or that rests for it in quarantine. */
export interface AssignmentOfPhone {
  readonly orderId: string;
  readonly diallerId: string;
  readonly calleeRole: Role;
  readonly number: E164;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
  readonly quarantinedUntil: Date | null;
  /** Since when the other participant blocks the phone; null = not. */
  readonly blockedAt: Date | null;
  readonly hasPin: boolean;
}

/** The assignments of a phone (keyed lookup), also those in quarantine. */
export async function assignmentsOfPhone(tx: EntityManager, phoneKey: Buffer): Promise<AssignmentOfPhone[]> {
  return tx.sql<AssignmentOfPhone[]>`
    SELECT pair.order_id AS "orderId", pair.dialler_id AS "diallerId", pair.callee_role AS "calleeRole",
           pair.virtual_number AS number, pair.assigned_at AS "assignedAt", pair.connects_until AS "connectsUntil",
           pair.quarantined_until AS "quarantinedUntil", pair.blocked_at AS "blockedAt", pair.pin IS NOT NULL AS "hasPin"
    FROM assignments AS pair WHERE pair.dialler_key = ${phoneKey} ORDER BY pair.assigned_at, pair.virtual_number`;
}
