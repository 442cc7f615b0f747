import type { EntityManager } from 'typeorm';

import type { CallAnswer } from '../decisions/call-reasons.js';

/** Calls of one minute that were decided the same way for the same reason. */
export interface MinuteCalls {
  /** The start of the minute. */
  readonly minute: Date;
  readonly decision: CallAnswer['decision'];
  readonly reason: CallAnswer['reason'];
  readonly calls: number;
}

/** The calls from `from` (inclusive) to `until` (exclusive), by minute, last decision and reason. */
export async function callsByMinute(tx: EntityManager, from: Date, until: Date): Promise<MinuteCalls[]> {
  return tx.sql<MinuteCalls[]>`
    SELECT date_trunc('minute', call.at) AS minute, call.decision, call.reason, count(*)::integer AS calls
    FROM all_interactions AS call
    WHERE call.over_at >= ${from} AND call.at >= ${from} AND call.at < ${until}
      AND call.kind = 'call' AND call.decision IS NOT NULL
    GROUP BY 1, 2, 3`;
}
