import type { E164 } from '../../phone-number/e164.js';
import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import type { Months } from '../../platform/retention/months-back.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Interaction } from '../decisions/interaction.entity.js';

/** A call or text, and the instant that decides its month; null = it is not moved. */
export type KnownCall = Interaction & { readonly overAt: Date | null };

const CALL = `
  call.provider, call.provider_call_id AS "providerCallId", call.ordinal, call.kind, call.at, call.order_id AS "orderId",
  call.caller_role AS "callerRole", call.virtual_number AS "virtualNumber", call.steps, call.decision, call.reason,
  call.outcome, call.talk_seconds AS "talkSeconds", call.ended_at AS "endedAt", call.progress, call.sequence,
  call.ring_seconds AS "ringSeconds", call.hung_up_by AS "hungUpBy", call.recording, call.ask_at AS "askAt",
  call.times_asked AS "timesAsked", call.is_genuine AS "isGenuine", call.segments, call.delivery`;

/** The newest decided calls and texts of an order, newest first. @param since what an ended order has is in months from then on; null = it is live */
export async function newestOfOrder(
  connections: Connections,
  orderId: string,
  since: Date | null,
  limit: number,
): Promise<KnownCall[]> {
  const { rows } = await connections.query<KnownCall>({
    name: `${since ? 'newest-calls-of-ended-order' : 'newest-calls-of-order'}-${limit}`,
    text: `
      SELECT ${CALL}, NULL AS "overAt"
      FROM ${since ? 'all_interactions' : 'interactions'} AS call
      WHERE call.order_id = $1 AND call.decision IS NOT NULL ${since ? `AND call.over_at >= ${monthBound('$2')}` : ''}
      ORDER BY call.at DESC, call.ordinal DESC LIMIT ${limit}`,
    values: [orderId, ...(since ? [since.toISOString()] : [])],
  });
  return rows;
}

/** That somebody could dial a number. */
export interface DialledSpan {
  readonly number: E164;
  readonly since: Date;
  readonly until: Date;
}

/**
 * The newest calls and texts of unknown callers to numbers during some time that belong to no order, newest first. They
 * are moved to the month in which they came.
 */
export async function newestOfNobody(
  connections: Connections,
  spans: readonly DialledSpan[],
  limit: number,
): Promise<KnownCall[]> {
  if (spans.length === 0) return [];
  const since = new Date(Math.min(...spans.map((span) => span.since.getTime())));
  const until = new Date(Math.max(...spans.map((span) => span.until.getTime())));
  const { rows } = await connections.query<KnownCall>({
    name: `newest-calls-of-nobody-${limit}`,
    text: `
      SELECT call.*
      FROM (${inSpans('interactions', 'true', limit)}
            UNION
            ${inSpans('ended_interactions', `call.over_at >= ${monthBound('$2')} AND call.over_at <= ${monthBound('$3')}`, limit)}) AS call
      ORDER BY call.at DESC, call.ordinal DESC LIMIT ${limit}`,
    values: [JSON.stringify(spans), since.toISOString(), until.toISOString()],
  });
  return rows;
}

/** Two spans of one number may overlap, so a call may come twice. */
const inSpans = (table: string, isInMonths: string, limit: number) => `
            SELECT one.*
            FROM jsonb_to_recordset($1) AS span (number text, since timestamptz, until timestamptz)
            CROSS JOIN LATERAL (
              SELECT ${CALL}, NULL::timestamptz AS "overAt"
              FROM ${table} AS call
              WHERE call.virtual_number = span.number AND call.at BETWEEN span.since AND span.until
                AND call.order_id IS NULL AND call.caller_role IS NULL AND call.decision IS NOT NULL AND ${isInMonths}
              ORDER BY call.at DESC LIMIT ${limit}) AS one`;

/** The decided calls and texts with a provider's id, of any of these providers. */
export async function withProviderId(
  connections: Connections,
  providerCallId: string,
  providers: readonly ProviderName[],
): Promise<KnownCall[]> {
  return (await connections.query<KnownCall>({ ...liveWithId, values: [providerCallId, providers] })).rows;
}

/** The same, in some months. */
export async function movedWithProviderId(
  connections: Connections,
  providerCallId: string,
  { from, until }: Months,
): Promise<KnownCall[]> {
  return (await connections.query<KnownCall>({ ...movedWithId, values: [providerCallId, from, until] })).rows;
}

const liveWithId: Statement = {
  name: 'calls-with-provider-id',
  text: `
    SELECT ${CALL}, NULL::timestamptz AS "overAt"
    FROM interactions AS call
    WHERE call.provider = ANY((SELECT $2::text[])::text[]) AND call.provider_call_id = $1 AND call.decision IS NOT NULL
    ORDER BY call.provider`,
};
const movedWithId: Statement = {
  name: 'ended-calls-with-provider-id',
  text: `
    SELECT ${CALL}, call.over_at AS "overAt"
    FROM ended_interactions AS call
    WHERE call.provider_call_id = $1 AND call.decision IS NOT NULL
      AND call.over_at >= ${monthBound('$2')} AND call.over_at < ${monthBound('$3')}
    ORDER BY call.provider`,
};
