import type { EntityManager } from 'typeorm';

import type { OwnedNumber } from '../../telephony/providers/number-provider.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** Every number that a provider's account owns. */
export interface ProviderList {
  /** When reading began. Numbers bought later may be missing. */
  readonly readAt: Date;
  readonly numbers: readonly OwnedNumber[];
}

/** The last list, if it was read at `since` or later; null otherwise. */
export async function listSince(tx: EntityManager, provider: ProviderName, since: Date): Promise<ProviderList | null> {
  const [list] = await tx.sql<ProviderList[]>`
    SELECT list.read_at AS "readAt", list.numbers FROM provider_lists AS list
    WHERE list.provider = ${provider} AND list.read_at >= ${since}`;
  return list ?? null;
}

/** Stores a list, unless a later one is stored. */
export async function keepList(tx: EntityManager, provider: ProviderName, list: ProviderList): Promise<void> {
  await tx.sql`
    INSERT INTO provider_lists AS kept (provider, read_at, numbers)
    VALUES (${provider}, ${list.readAt}, ${JSON.stringify(list.numbers)}::jsonb)
    ON CONFLICT (provider) DO UPDATE SET read_at = EXCLUDED.read_at, numbers = EXCLUDED.numbers
    WHERE kept.read_at <= EXCLUDED.read_at`;
}

/** Whether a pool was compared with this list or a later one. */
export async function isCompared(
  tx: EntityManager,
  poolId: string,
  provider: ProviderName,
  { readAt }: ProviderList,
): Promise<boolean> {
  const rows = await tx.sql<unknown[]>`
    SELECT FROM pool_inventories AS inventory
    WHERE inventory.pool_id = ${poolId} AND inventory.provider = ${provider} AND inventory.compared_to >= ${readAt}`;
  return rows.length > 0;
}

export async function markCompared(
  tx: EntityManager,
  poolId: string,
  provider: ProviderName,
  { readAt }: ProviderList,
): Promise<void> {
  await tx.sql`
    INSERT INTO pool_inventories (pool_id, provider, compared_to) VALUES (${poolId}, ${provider}, ${readAt})
    ON CONFLICT (pool_id, provider) DO UPDATE SET compared_to = EXCLUDED.compared_to`;
}
