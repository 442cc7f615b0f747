import type { EntityManager } from 'typeorm';

import type { Pool } from './pool.entity.js';

/** Stores the policy that applies from now on, in the transaction that changes it. */
export async function recordPolicy(tx: EntityManager, pool: Pool, now: Date): Promise<void> {
  const policy = JSON.stringify({ ...pool, id: undefined, createdAt: undefined });
  await tx.sql`
    INSERT INTO pool_policy_changes (pool_id, at, policy) VALUES (${pool.id}, ${now}, ${policy}::jsonb)`;
}
