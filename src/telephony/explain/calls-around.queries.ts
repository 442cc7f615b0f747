import type { E164 } from '../../phone-number/e164.js';
import type { Connections, Statement } from '../../platform/database/statement.js';
import type { Interaction } from '../decisions/interaction.entity.js';

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

export const MOST_CALLS = 20;

/** Which calls to a number to read: between two instants, the first `MOST_CALLS`, oldest first. */
export interface Around {
  readonly number: E164;
  readonly since: Date;
  readonly until: Date;
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
  { number, since, until }: Around,
  counting: Counting | null,
): Promise<{ readonly calls: readonly CallAround[]; readonly counted: number }> {
  const values = [number, since, until, ...countedBy(counting)];
  const { rows } = await connections.query<Counted & (CallAround | NoCall)>({ ...readCalls(counting), values });
  return { calls: rows.filter((row) => row.provider !== null), counted: rows[0]!.counted };
}

interface Counted {
  readonly counted: number;
}
interface NoCall {
  readonly provider: null;
}

/**
 * A statement for each way to count, and instants in subqueries, so that PostgreSQL plans each statement once: for plain
 * parameters it takes a plan for their values to be the cheaper one, and makes one each time.
 */
function readCalls(counting: Counting | null): Statement {
  if (counting === null) return { name: 'calls-around', text: callsBeside('0') };
  return 'subject' in counting
    ? { name: 'calls-around-and-tries', text: callsBeside(TRIES) }
    : { name: 'calls-around-and-connected', text: callsBeside(CONNECTED) };
}

function countedBy(counting: Counting | null): unknown[] {
  if (counting === null) return [];
  if ('subject' in counting) return [counting.subject, counting.since.getTime()];
  return [counting.orderId, counting.callerRole, counting.calleeId, counting.since, counting.until];
}

const TRIES = `(SELECT count(*)::integer FROM recent_tries AS known, jsonb_each(known.tries) AS one
              WHERE known.subject = $4 AND one.value::bigint > $5)`;

const CONNECTED = `(SELECT count(*)::integer FROM interactions AS connected
              WHERE connected.order_id = $4 AND connected.caller_role = $5
                AND connected.kind = 'call' AND connected.decision = 'connect'
                AND connected.at > $7 AND connected.at < $8
                AND jsonb_path_exists(connected.steps, '$.*.calleeId ? (@ == $callee)',
                                      jsonb_build_object('callee', $6::text)))`;

const callsBeside = (counted: string) => `
    SELECT cap.counted, call.*
    FROM (SELECT ${counted} AS counted) AS cap
    LEFT JOIN (SELECT around.kind, around.provider, around.provider_call_id AS "providerCallId", around.at,
                      around.order_id AS "orderId", around.caller_role AS "callerRole", around.steps,
                      around.decision, around.reason, around.outcome, around.delivery, around.ordinal
               FROM interactions AS around
               WHERE around.virtual_number = $1 AND around.decision IS NOT NULL
                 AND around.at BETWEEN (SELECT $2::timestamptz) AND (SELECT $3::timestamptz)
               ORDER BY around.at, around.ordinal LIMIT ${MOST_CALLS}) AS call ON true
    ORDER BY call.at, call.ordinal`;
