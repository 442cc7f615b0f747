import type { E164 } from '../../phone-number/e164.js';
import type { Connections, Statement } from '../../platform/database/statement.js';
import type { Interaction } from '../calls/interaction.entity.js';

/** A decided call or text to a number. */
export type CallAround = Pick<
  Interaction,
  | 'kind'
  | 'provider'
  | 'providerCallId'
  | 'at'
  | 'orderId'
  | 'callerRole'
  | 'steps'
  | 'decision'
  | 'reason'
  | 'outcome'
  | 'delivery'
>;

/** Which calls to a number to read: between two instants, `most` at most, oldest first. */
export interface Around {
  readonly number: E164;
  readonly since: Date;
  readonly until: Date;
  readonly most: number;
}

/**
 * What counts to a caller's cap. Now it is the tries that were taken under a subject; for an instant that is past, when
 * tries are no longer stored, the recorded calls that connected.
 */
export type Counting =
  | { readonly subject: string; readonly since: Date }
  | {
      readonly orderId: string;
      readonly callerRole: string;
      readonly calleeId: string;
      readonly since: Date;
      readonly until: Date;
    };

/**
 * The calls to a number around an instant, and how many calls count to a caller's cap, in one statement.
 *
 * @param counting null = none count
 */
export async function callsAround(
  connections: Connections,
  { number, since, until, most }: Around,
  counting: Counting | null,
): Promise<{ readonly calls: readonly CallAround[]; readonly counted: number }> {
  const tries = counting && 'subject' in counting ? [counting.subject, counting.since.getTime()] : [null, null];
  const connected =
    counting && 'orderId' in counting
      ? [counting.orderId, counting.callerRole, counting.calleeId, counting.since, counting.until]
      : [null, null, null, null, null];
  const values = [number, since, until, most, ...tries, ...connected];
  const { rows } = await connections.query<Counted & (CallAround | NoCall)>({ ...readCalls, values });
  return { calls: rows.filter((row) => row.provider !== null), counted: rows[0]!.counted };
}

interface Counted {
  readonly counted: number;
}
interface NoCall {
  readonly provider: null;
}

const readCalls: Statement = {
  name: 'calls-around',
  text: `
    SELECT cap.counted, call.*
    FROM (SELECT (SELECT count(*)::integer FROM recent_tries AS known, jsonb_each(known.tries) AS one
                  WHERE known.subject = $5 AND one.value::bigint > $6)
               + (SELECT count(*)::integer FROM interactions AS connected
                  WHERE connected.order_id = $7 AND connected.caller_role = $8
                    AND connected.kind = 'call' AND connected.decision = 'connect'
                    AND connected.at > $10 AND connected.at < $11
                    AND jsonb_path_exists(connected.steps, '$.*.calleeId ? (@ == $callee)',
                                          jsonb_build_object('callee', $9::text))) AS counted) AS cap
    LEFT JOIN (SELECT around.kind, around.provider, around.provider_call_id AS "providerCallId", around.at,
                      around.order_id AS "orderId", around.caller_role AS "callerRole", around.steps,
                      around.decision, around.reason, around.outcome, around.delivery, around.ordinal
               FROM interactions AS around
               WHERE around.virtual_number = $1 AND around.at BETWEEN $2 AND $3 AND around.decision IS NOT NULL
               ORDER BY around.at, around.ordinal LIMIT $4) AS call ON true
    ORDER BY call.at, call.ordinal`,
};
