import type { EntityManager } from 'typeorm';

import type { RecognisedBy } from '../../platform/restoration/recognition.js';

/** The time after the database was restored, until nothing is in doubt any more. */
export interface Restoration {
  readonly recognisedBy: RecognisedBy;
  /** The last heartbeat before the gap; null = unknown. */
  readonly contentUntil: Date | null;
  /** The end of the gap. */
  readonly detectedAt: Date;
  /** The last instant until which a number takes no orders. */
  readonly numbersWithheldUntil: Date;
}

/** The last one that has not ended; null = none. */
export async function openRestoration(manager: EntityManager): Promise<Restoration | null> {
  const [restoration] = await manager.sql<Restoration[]>`
    SELECT restoration.recognised_by AS "recognisedBy", restoration.content_until AS "contentUntil",
           restoration.detected_at AS "detectedAt", restoration.numbers_withheld_until AS "numbersWithheldUntil"
    FROM restorations AS restoration
    WHERE restoration.ended_at IS NULL
    ORDER BY restoration.id DESC
    LIMIT 1`;
  return restoration ?? null;
}

export async function insertRestoration(tx: EntityManager, restoration: Restoration): Promise<void> {
  const { recognisedBy, contentUntil, detectedAt, numbersWithheldUntil } = restoration;
  await tx.sql`
    INSERT INTO restorations (recognised_by, content_until, detected_at, numbers_withheld_until)
    VALUES (${recognisedBy}, ${contentUntil}, ${detectedAt}, ${numbersWithheldUntil})`;
}

/** Ends all. @returns how many */
export async function endRestorations(tx: EntityManager, now: Date, byHand: boolean): Promise<number> {
  const [, ended] = await tx.sql<[unknown, number]>`
    UPDATE restorations AS restoration SET ended_at = ${now}, ended_by_hand = ${byHand}
    WHERE restoration.ended_at IS NULL`;
  return ended;
}
