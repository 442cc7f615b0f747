import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';

/** The connected calls of a number whose outcome is known, without those whose caller hung up first. */
export interface CallsOfNumber {
  readonly number: E164;
  readonly calls: number;
  readonly answered: number;
  /** Answered calls shorter than `shortSeconds`. */
  readonly short: number;
  readonly failed: number;
}

/** The calls of each number since `since`. Numbers without calls are left out. */
export async function callsByNumber(
  tx: EntityManager,
  numbers: readonly E164[],
  since: Date,
  shortSeconds: number,
): Promise<CallsOfNumber[]> {
  return tx.sql<CallsOfNumber[]>`
    SELECT call.virtual_number AS number, count(*)::integer AS calls,
           count(*) FILTER (WHERE call.outcome = 'completed')::integer AS answered,
           count(*) FILTER (WHERE call.outcome = 'completed' AND call.talk_seconds < ${shortSeconds}::integer)::integer AS short,
           count(*) FILTER (WHERE call.outcome = 'failed')::integer AS failed
    FROM all_interactions AS call
    WHERE call.over_at >= ${since} AND call.at >= ${since} AND call.virtual_number = ANY(${numbers}::text[]) AND call.kind = 'call'
      AND call.decision = 'connect' AND call.outcome IN ('failed', 'no-answer', 'busy', 'completed')
    GROUP BY call.virtual_number`;
}
