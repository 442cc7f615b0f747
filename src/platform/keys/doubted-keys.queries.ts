import type { EntityManager } from 'typeorm';

/** Puts every key in doubt that may have been revoked or rotated since the backup. @returns how many */
export async function doubtKeys(tx: EntityManager): Promise<number> {
  const [, doubted] = await tx.sql<[unknown, number]>`
    UPDATE api_keys AS key SET unconfirmed = true WHERE key.revoked_at IS NULL`;
  return doubted;
}

/** Ends every doubt. */
export async function trustKeys(tx: EntityManager): Promise<void> {
  await tx.sql`UPDATE api_keys AS key SET unconfirmed = false WHERE key.unconfirmed`;
}

/** How many keys wait to be confirmed or revoked. */
export async function countUnconfirmedKeys(manager: EntityManager, now: Date): Promise<number> {
  const [{ keys }] = await manager.sql<[{ keys: number }]>`
    SELECT count(*)::integer AS keys FROM api_keys AS key
    WHERE key.unconfirmed AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > ${now})`;
  return keys;
}
