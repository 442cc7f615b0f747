import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';

/** Talk time of the calls of one quarter hour, by its start. */
export interface QuarterCalls {
  readonly quarter: Date;
  readonly seconds: number;
}

/** Talk time of the calls to these numbers, by quarter hour from `from` (inclusive) to `until` (exclusive). */
export async function callSecondsByQuarter(
  tx: EntityManager,
  numbers: readonly E164[],
  from: Date,
  until: Date,
): Promise<QuarterCalls[]> {
  return tx.sql<QuarterCalls[]>`
    SELECT date_bin('15 minutes', call.at, ${from}::timestamptz) AS quarter, sum(call.talk_seconds)::integer AS seconds
    FROM all_interactions AS call
    WHERE call.virtual_number = ANY(${numbers}::text[]) AND call.kind = 'call'
      AND call.over_at >= ${from} AND call.at >= ${from} AND call.at < ${until}
      AND call.talk_seconds > 0
    GROUP BY 1`;
}
