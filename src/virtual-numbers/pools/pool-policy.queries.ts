import type { EntityManager } from 'typeorm';

import type { Pool } from './pool.entity.js';

/** A pool's policy, and since when it applied. */
export interface HeldPolicy {
  readonly since: Date;
  readonly policy: Omit<Pool, 'id' | 'createdAt'>;
}

/** Stores the policy that applies from now on, in the transaction that changes it. */
export async function recordPolicy(tx: EntityManager, pool: Pool, now: Date): Promise<void> {
  const policy = JSON.stringify({ ...pool, id: undefined, createdAt: undefined });
  await tx.sql`
    INSERT INTO pool_policy_changes (pool_id, at, policy) VALUES (${pool.id}, ${now}, ${policy}::jsonb)`;
}

/** The policy that applied at an instant; null if it is not stored. */
export async function policyAt(tx: EntityManager, poolId: string, at: Date): Promise<HeldPolicy | null> {
  const [held] = await tx.sql<HeldPolicy[]>`
    SELECT change.at AS since, change.policy FROM pool_policy_changes AS change
    WHERE change.pool_id = ${poolId} AND change.at <= ${at}
    ORDER BY change.at DESC, change.id DESC LIMIT 1`;
  return held ?? null;
}
