import type { E164 } from '../../phone-number/e164.js';
import type { Place } from '../../platform/http/cursor-page.js';
import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import type { Months } from '../../platform/retention/months-back.js';
import type { Role } from '../role.js';
import { calleeRoleOf } from './callee-role.js';

/** An order that a number served, and since when. An order has one for each time that it got the number. */
export interface Serving {
  readonly orderId: string;
  readonly assignedAt: Date;
}

/** Which orders of a number are asked for, newest first. */
export interface ServingAsked {
  readonly number: E164;
  /** Only what comes after this place in the list; null = from the newest on. */
  readonly before: Place | null;
  readonly limit: number;
}

const isBefore = (row: string, before: Place | null) =>
  before === null ? '' : `AND (${row}.assigned_at, ${row}.order_id) < ($2, $3)`;
const valuesOf = ({ number, before }: ServingAsked) => [number, ...(before === null ? [] : [before.at, before.id])];
/** The limit is part of the text: PostgreSQL would plan the statement again each time for one that it does not know. */
const nameOf = (name: string, { before, limit }: ServingAsked) => `${name}-${before ? 'before' : 'newest'}-${limit}`;

/** Among the assignments that are not archived yet. A number has as many as its capacity and its quarantine allow. */
export async function servingNow(connections: Connections, asked: ServingAsked): Promise<Serving[]> {
  const { rows } = await connections.query<Serving>({
    name: nameOf('orders-of-number', asked),
    text: `
      SELECT DISTINCT pair.order_id AS "orderId", pair.assigned_at AS "assignedAt"
      FROM assignments AS pair
      WHERE pair.virtual_number = $1 AND pair.how_known = 'registered' ${isBefore('pair', asked.before)}
      ORDER BY pair.assigned_at DESC, pair.order_id DESC LIMIT ${asked.limit}`,
    values: valuesOf(asked),
  });
  return rows;
}

/** In some months of history. Each month has an index in this order, so only the rows of the page are read. */
export async function servedIn(
  connections: Connections,
  { from, until }: Months,
  asked: ServingAsked,
): Promise<Serving[]> {
  const values: unknown[] = valuesOf(asked);
  const bound = (instant: string) => monthBound(`$${values.push(instant)}`);
  const { rows } = await connections.query<Serving>({
    name: nameOf('past-orders-of-number', asked),
    plan: 'once',
    text: `
      SELECT DISTINCT past.order_id AS "orderId", past.assigned_at AS "assignedAt"
      FROM assignment_history AS past
      WHERE past.virtual_number = $1 ${isBefore('past', asked.before)}
        AND past.assigned_at >= ${bound(from)} AND past.assigned_at < ${bound(until)}
      ORDER BY past.assigned_at DESC, past.order_id DESC LIMIT ${asked.limit}`,
    values,
  });
  return rows;
}

/** That a participant of an order could dial a number, and how long calls reached the other participant. */
export interface NumberSpan {
  readonly orderId: string;
  readonly number: E164;
  readonly diallerRole: Role;
  readonly calleeRole: Role;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
}

/** Which orders, and the months in which they had numbers. */
export interface SpansAsked extends Months {
  readonly orderIds: readonly string[];
  /** Null = all numbers. */
  readonly number: E164 | null;
}

/** The numbers of orders, longest assigned first. */
export async function spansOf(
  connections: Connections,
  { orderIds, number, from, until }: SpansAsked,
): Promise<NumberSpan[]> {
  const [statement, values] = number === null ? [readSpans, []] : [readSpansOfNumber, [number]];
  const asked = { ...statement, values: [orderIds, from, until, ...values] };
  return (await connections.query<NumberSpan>(asked)).rows;
}

const SPAN = (row: string) => `
      ${row}.order_id AS "orderId", ${row}.virtual_number AS number, ${row}.dialler_role AS "diallerRole",
      ${calleeRoleOf(row)} AS "calleeRole", ${row}.assigned_at AS "assignedAt",
      ${row}.connects_until AS "connectsUntil"`;

/** The list and the number are in subqueries, because PostgreSQL would plan the statement anew for each that it sees. */
const spans = (besides: (row: string) => string) => `
    SELECT ${SPAN('pair')} FROM assignments AS pair
    WHERE pair.order_id = ANY((SELECT $1::uuid[])::uuid[]) AND pair.how_known = 'registered' ${besides('pair')}
    UNION ALL
    SELECT ${SPAN('past')} FROM assignment_history AS past
    WHERE past.order_id = ANY((SELECT $1::uuid[])::uuid[]) ${besides('past')}
      AND past.assigned_at >= ${monthBound('$2')} AND past.assigned_at < ${monthBound('$3')}
    ORDER BY "assignedAt", "diallerRole", "calleeRole"`;

const readSpans: Statement = { name: 'numbers-of-orders', plan: 'once', text: spans(() => '') };
const readSpansOfNumber: Statement = {
  name: 'number-of-orders',
  plan: 'once',
  text: spans((row) => `AND ${row}.virtual_number = (SELECT $4::text)`),
};
