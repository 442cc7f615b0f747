import type { EntityManager } from 'typeorm';

/** Disables every endpoint: a client may have removed it since the backup, or have changed its secret. @returns how many */
export async function disableRestored(tx: EntityManager, now: Date): Promise<number> {
  const [, disabled] = await tx.sql<[unknown, number]>`
    UPDATE webhook_endpoints AS endpoint
    SET disabled_because = 'restored', disabled_at = ${now}, claim = NULL, claimed_until = NULL
    WHERE endpoint.disabled_because IS NULL`;
  return disabled;
}

/** Enables those again: they go on where they stopped. */
export async function enableRestored(tx: EntityManager): Promise<void> {
  await tx.sql`
    UPDATE webhook_endpoints AS endpoint SET disabled_because = NULL, disabled_at = NULL
    WHERE endpoint.disabled_because = 'restored'`;
}

/** How many endpoints wait to be enabled or deleted. */
export async function countRestored(manager: EntityManager): Promise<number> {
  const [{ endpoints }] = await manager.sql<[{ endpoints: number }]>`
    SELECT count(*)::integer AS endpoints FROM webhook_endpoints AS endpoint WHERE endpoint.disabled_because = 'restored'`;
  return endpoints;
}
