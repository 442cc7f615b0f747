import type { E164 } from '../../phone-number/e164.js';
import type { Order } from '../../orders/order/order.entity.js';
import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import type { Place } from '../../platform/http/cursor-page.js';
import type { Months } from '../../platform/retention/months-back.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { CALL, callsOfOrder, monthsOfCalls } from '../decisions/calls-of-order.queries.js';
import type { Interaction } from '../decisions/interaction.entity.js';

/** A call or text, and the instant that decides its month; null = it is not moved. */
export type KnownCall = Interaction & { readonly overAt: Date | null };

const IS_DECIDED = 'call.decision IS NOT NULL';

/** The newest decided calls and texts of an order, newest first. */
export async function newestOfOrder(connections: Connections, order: Order, limit: number): Promise<KnownCall[]> {
  const months = monthsOfCalls(order);
  const { rows } = await connections.query<KnownCall>({
    name: `newest-calls-of-${months ? 'ended-' : ''}order-${limit}`,
    plan: months ? 'once' : undefined,
    text: `
      SELECT call.*, NULL AS "overAt" FROM (
      ${callsOfOrder(CALL, IS_DECIDED, months !== null)}) AS call
      ORDER BY call.at DESC, call.ordinal DESC LIMIT ${limit}`,
    values: [order.id, ...(months ? [months.from, months.until] : [])],
  });
  return rows;
}

/** The decided calls and texts of an order after a place in their list, oldest first. */
export async function nextOfOrder(
  connections: Connections,
  order: Order,
  after: Place | null,
  limit: number,
): Promise<Interaction[]> {
  const months = monthsOfCalls(order);
  const values: unknown[] = [order.id, ...(months ? [months.from, months.until] : [])];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const isAfter = after
    ? `AND (call.at, call.ordinal) > (${parameter(after.at)}::timestamptz, ${parameter(after.id)}::bigint)`
    : '';
  const { rows } = await connections.query<Interaction>({
    name: `calls-of-${months ? 'ended-' : ''}order-${after ? 'after' : 'first'}-${limit}`,
    plan: months ? 'once' : undefined,
    text: `
      SELECT call.* FROM (
      ${callsOfOrder(CALL, `${IS_DECIDED} ${isAfter}`, months !== null)}) AS call
      ORDER BY call.at, call.ordinal LIMIT ${limit}`,
    values,
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
    plan: 'once',
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
  plan: 'once',
  text: `
    SELECT ${CALL}, call.over_at AS "overAt"
    FROM ended_interactions AS call
    WHERE call.provider_call_id = $1 AND call.decision IS NOT NULL
      AND call.over_at >= ${monthBound('$2')} AND call.over_at < ${monthBound('$3')}
    ORDER BY call.provider`,
};
