import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';

/** Which of the numbers had a call or a text since `since`. */
export async function recentlyActiveNumbers(
  tx: EntityManager,
  numbers: readonly E164[],
  since: Date,
): Promise<Set<E164>> {
  const rows = await tx.sql<{ number: E164 }[]>`
    SELECT DISTINCT call.virtual_number AS number FROM all_interactions AS call
    WHERE call.over_at >= ${since} AND call.at >= ${since} AND call.virtual_number = ANY(${numbers}::text[]) AND call.is_genuine IS DISTINCT FROM false`;
  return new Set(rows.map((row) => row.number));
}
