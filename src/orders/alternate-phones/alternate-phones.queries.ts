import type { EntityManager } from 'typeorm';

import type { Alternate, HowKnown } from '../../virtual-numbers/assignments/alternate-diallers.queries.js';

/** An alternate phone of a participant. */
export interface AlternatePhone extends Alternate {
  readonly id: string;
  /** Sealed. */
  readonly phone: Buffer;
  readonly addedAt: Date;
}

/** A participant's alternate phones, oldest first. */
export async function alternatesOf(tx: EntityManager, participantId: string): Promise<AlternatePhone[]> {
  return tx.sql<AlternatePhone[]>`
    SELECT other.id, other.phone, other.phone_key AS "phoneKey", other.how_known AS "howKnown", other.added_at AS "addedAt"
    FROM participant_phones AS other
    WHERE other.participant_id = ${participantId}
    ORDER BY other.added_at, other.id`;
}

/** The participant of the order who has this alternate phone; null = none. */
export async function ownerOfAlternate(tx: EntityManager, orderId: string, phoneKey: Buffer): Promise<string | null> {
  const [owner] = await tx.sql<{ participant_id: string }[]>`
    SELECT other.participant_id FROM participant_phones AS other
    WHERE other.order_id = ${orderId} AND other.phone_key = ${phoneKey}`;
  return owner?.participant_id ?? null;
}

export interface NewAlternate extends Alternate {
  readonly id: string;
  readonly orderId: string;
  readonly participantId: string;
  /** Sealed. */
  readonly phone: Buffer;
}

export async function insertAlternate(tx: EntityManager, alternate: NewAlternate, now: Date): Promise<void> {
  const { id, orderId, participantId, phone, phoneKey, howKnown } = alternate;
  await tx.sql`
    INSERT INTO participant_phones (id, order_id, participant_id, phone, phone_key, how_known, added_at)
    VALUES (${id}, ${orderId}, ${participantId}, ${phone}, ${phoneKey}, ${howKnown satisfies HowKnown}, ${now})`;
}

/** Deletes an alternate phone of a participant. @returns its keyed lookup; null if it is not theirs */
export async function deleteAlternate(tx: EntityManager, participantId: string, id: string): Promise<Buffer | null> {
  const [rows] = await tx.sql<[{ phone_key: Buffer }[], number]>`
    DELETE FROM participant_phones AS other
    WHERE other.participant_id = ${participantId} AND other.id = ${id}
    RETURNING other.phone_key`;
  return rows[0]?.phone_key ?? null;
}

/** Deletes the alternate phones of a participant who leaves. */
export async function forgetAlternates(tx: EntityManager, participantId: string): Promise<void> {
  await tx.sql`DELETE FROM participant_phones AS other WHERE other.participant_id = ${participantId}`;
}

/** Moves the alternate phones to the same person's new participant id, except the phone that is registered now. */
export async function passAlternatesOn(
  tx: EntityManager,
  leaverId: string,
  newcomerId: string,
  registeredKey: Buffer,
): Promise<void> {
  await tx.sql`
    DELETE FROM participant_phones AS other
    WHERE other.participant_id = ${leaverId} AND other.phone_key = ${registeredKey}`;
  await tx.sql`
    UPDATE participant_phones AS other SET participant_id = ${newcomerId} WHERE other.participant_id = ${leaverId}`;
}
