import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../role.js';
import { calleeRoleOf } from './callee-role.js';

/** One dialler's right to reach a callee through a number, as it is stored now. */
export interface AssignmentRecord {
  readonly virtualNumber: E164;
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  /** With `diallerRole`, the link. */
  readonly calleeRole: Role;
  /** Null if the link is half-open, or was to the end. So is the shown number. */
  readonly calleeId: string | null;
  readonly shownNumber: E164 | null;
  /** Whether the link's direction lets the dialler call; null = as the pool's direction does, or no longer stored. */
  readonly mayDial: boolean | null;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
  readonly releasedAt: Date | null;
  readonly quarantinedUntil: Date | null;
  /** Since when the callee blocks the dialler; null if not, or no longer. */
  readonly blockedAt: Date | null;
  /** Whether the dialler's phone is the given one; null = unknown, because the phone was deleted. */
  readonly isOfPhone: boolean | null;
}

const COLUMNS = `virtual_number, order_id, dialler_id, dialler_role, callee_role, callee_id, shown_number, assigned_at,
                 connects_until, released_at, quarantined_until`;

/** The part of an assignment that history does not keep: its columns, and what stands in their place. */
const CURRENT = 'may_dial, blocked_at';
const PAST = 'NULL::boolean AS may_dial, NULL::timestamptz AS blocked_at';

const READ = `
  pair.virtual_number AS "virtualNumber", pair.order_id AS "orderId", pair.dialler_id AS "diallerId",
  pair.dialler_role AS "diallerRole", ${calleeRoleOf('pair')} AS "calleeRole", pair.callee_id AS "calleeId",
  pair.shown_number AS "shownNumber", pair.may_dial AS "mayDial",
  pair.assigned_at AS "assignedAt", pair.connects_until AS "connectsUntil", pair.released_at AS "releasedAt",
  pair.quarantined_until AS "quarantinedUntil", pair.blocked_at AS "blockedAt", pair.is_of_phone AS "isOfPhone"`;

/**
 * Every assignment of a number, and every assignment of a phone, that was made before an instant and whose phones may
 * still have been stored then. A phone that is null matches nothing.
 */
export async function assignmentRecords(
  tx: EntityManager,
  number: E164 | null,
  phoneKey: Buffer | null,
  at: Date,
): Promise<AssignmentRecord[]> {
  const rows: unknown = await tx.query(
    `SELECT ${READ}
     FROM (SELECT ${COLUMNS}, ${CURRENT}, dialler_key IS NOT DISTINCT FROM $2::bytea AS is_of_phone
           FROM assignments WHERE virtual_number = $1 OR dialler_key = $2
           UNION ALL
           SELECT ${COLUMNS}, ${PAST}, NULL::boolean FROM assignment_history
           WHERE virtual_number = $1 AND quarantined_until > $3) AS pair
     WHERE pair.assigned_at <= $3
     ORDER BY pair.assigned_at`,
    [number, phoneKey, at],
  );
  return rows as AssignmentRecord[];
}

/** Every assignment of an order, past and present. */
export async function assignmentRecordsOfOrder(tx: EntityManager, orderId: string): Promise<AssignmentRecord[]> {
  const rows: unknown = await tx.query(
    `SELECT ${READ}
     FROM (SELECT ${COLUMNS}, ${CURRENT}, NULL::boolean AS is_of_phone FROM assignments WHERE order_id = $1
           UNION ALL
           SELECT ${COLUMNS}, ${PAST}, NULL::boolean FROM assignment_history WHERE order_id = $1) AS pair
     ORDER BY pair.assigned_at`,
    [orderId],
  );
  return rows as AssignmentRecord[];
}

/** What is stored about a number of ours; null if it is not ours. */
export interface NumberOnRecord {
  readonly number: E164;
  readonly status: string;
  readonly poolId: string;
  readonly createdAt: Date;
}

export async function numberOnRecord(tx: EntityManager, number: E164): Promise<NumberOnRecord | null> {
  const [found] = await tx.sql<NumberOnRecord[]>`
    SELECT known.number, known.status, known.pool_id AS "poolId", known.created_at AS "createdAt"
    FROM virtual_numbers AS known WHERE known.number = ${number}`;
  return found ?? null;
}

/** Since when the phone with this keyed lookup is a number of ours; null if it is not. */
export async function oursSince(tx: EntityManager, phoneKey: Buffer): Promise<Date | null> {
  const [found] = await tx.sql<{ createdAt: Date }[]>`
    SELECT number.created_at AS "createdAt" FROM virtual_number_keys AS known
    JOIN virtual_numbers AS number ON number.number = known.number
    WHERE known.phone_key = ${phoneKey}`;
  return found?.createdAt ?? null;
}
