import type { E164 } from '../../phone-number/e164.js';
import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import type { Interaction } from '../decisions/interaction.entity.js';
import type { ToldColumns } from '../interactions/interactions.dto.js';

/** A decided call or text to a number. */
export type CallAround = Pick<Interaction, 'provider' | 'providerCallId' | 'at' | 'orderId'> & ToldColumns;

export const MOST_CALLS = 20;

/** Which calls to a number to read, and which to count. */
export interface Around {
  readonly number: E164;
  /** The first `MOST_CALLS` between these instants are read. */
  readonly since: Date;
  readonly until: Date;
  /** Null = none are counted. */
  readonly counting: Counting | null;
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

export interface CallsAround {
  /** Oldest first. */
  readonly calls: readonly CallAround[];
  /** How many calls count to the caller's cap. */
  readonly counted: number;
}

/** The calls to numbers around an instant, and how many calls count to a caller's cap, in one statement. */
export async function callsAround(connections: Connections, asked: readonly Around[]): Promise<CallsAround[]> {
  const earliest = Math.min(...asked.flatMap(({ since, counting }) => [since, counting?.since ?? since]).map(Number));
  const values = [
    JSON.stringify(asked.map(({ counting, ...around }) => ({ ...around, ...countedBy(counting) }))),
    new Date(earliest),
  ];
  const { rows } = await connections.query<Row>({ ...readCalls, values });
  const found = asked.map(() => ({ calls: [] as CallAround[], counted: 0 }));
  for (const { position, counted, ...call } of rows) {
    const one = found[position - 1]!;
    one.counted = counted;
    if (call.provider !== null) one.calls.push(call);
  }
  return found;
}

type Row = (CallAround | { readonly provider: null }) & {
  /** Of the question, counted from one. */
  readonly position: number;
  readonly counted: number;
};

function countedBy(counting: Counting | null) {
  if (counting === null) return {};
  if ('subject' in counting) return { subject: counting.subject, counted_since_ms: counting.since.getTime() };
  const { orderId, callerRole, calleeId, since, until } = counting;
  return {
    order_id: orderId,
    caller_role: callerRole,
    callee_id: calleeId,
    counted_since: since,
    counted_until: until,
  };
}

const TRIES = `
          (SELECT count(*)::integer FROM recent_tries AS known, jsonb_each(known.tries) AS one
           WHERE known.subject = asked.subject AND one.value::bigint > asked.counted_since_ms)`;

const CONNECTED = `
          (SELECT count(*)::integer FROM all_interactions AS connected
           WHERE connected.order_id = asked.order_id AND connected.caller_role = asked.caller_role
             AND connected.kind = 'call' AND connected.decision = 'connect'
             AND connected.over_at >= ${monthBound('$2')} AND connected.at > asked.counted_since
             AND connected.at < asked.counted_until
             AND jsonb_path_exists(connected.steps, '$.*.calleeId ? (@ == $callee)',
                                   jsonb_build_object('callee', asked.callee_id)))`;

const readCalls: Statement = {
  name: 'calls-around',
  plan: 'once',
  text: `
    SELECT asked.position::integer,
           CASE WHEN asked.subject IS NOT NULL THEN ${TRIES}
                WHEN asked.order_id IS NOT NULL THEN ${CONNECTED}
                ELSE 0 END AS counted, call.*
    FROM ROWS FROM (jsonb_to_recordset($1) AS (
           number text, since timestamptz, until timestamptz, subject text, counted_since_ms bigint, order_id uuid,
           caller_role text, callee_id text, counted_since timestamptz, counted_until timestamptz))
         WITH ORDINALITY AS asked (number, since, until, subject, counted_since_ms, order_id, caller_role, callee_id,
                                   counted_since, counted_until, position)
    LEFT JOIN LATERAL (SELECT around.kind, around.provider, around.provider_call_id AS "providerCallId", around.at,
                              around.order_id AS "orderId", around.caller_role AS "callerRole", around.steps,
                              around.decision, around.reason, around.outcome, around.delivery, around.progress,
                              around.talk_seconds AS "talkSeconds", around.ring_seconds AS "ringSeconds",
                              around.hung_up_by AS "hungUpBy", around.recording, around.is_genuine AS "isGenuine",
                              around.ordinal
                       FROM all_interactions AS around
                       WHERE around.virtual_number = asked.number AND around.decision IS NOT NULL
                         AND around.over_at >= ${monthBound('$2')} AND around.at BETWEEN asked.since AND asked.until
                       ORDER BY around.at, around.ordinal LIMIT ${MOST_CALLS}) AS call ON true
    ORDER BY asked.position, call.at, call.ordinal`,
};
