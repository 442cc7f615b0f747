import type { EntityManager } from 'typeorm';

import type { Order } from '../../orders/order/order.entity.js';
import { monthBound, type Connections } from '../../platform/database/statement.js';
import { monthsBetween } from '../../platform/retention/months-back.js';
import { OutgoingCall } from './outgoing-call.entity.js';

const CALL = `
  call.id, call.order_id AS "orderId", call.idempotency_key AS "idempotencyKey", call.caller_role AS "callerRole",
  call.caller_id AS "callerId", call.callee_id AS "calleeId", call.provider, call.caller_dials AS "callerDials",
  call.shown_number AS "shownNumber", call.ring_seconds AS "ringSeconds", call.talk_seconds AS "talkSeconds", call.record,
  call.state, call.provider_call_id AS "providerCallId", call.reason, call.wanted_at AS "wantedAt",
  call.ordered_at AS "orderedAt", call.look_at AS "lookAt", call.times_looked AS "timesLooked"`;

/** An ordered call of an order, also if it was moved with it to its month. */
export async function findOrderedCall(
  connections: Connections,
  order: Order,
  key: { readonly id: string } | { readonly idempotencyKey: string },
): Promise<OutgoingCall | null> {
  const [by, column, value] = 'id' in key ? ['id', 'id', key.id] : ['key', 'idempotency_key', key.idempotencyKey];
  const live = `SELECT ${CALL} FROM outgoing_calls AS call WHERE call.order_id = $1 AND call.${column} = $2`;
  const over = order.endOfGrace();
  const months = over && monthsBetween(over, over);
  const { rows } = await connections.query<OutgoingCall>({
    name: `ordered-call-of-${months ? 'ended-' : ''}order-by-${by}`,
    plan: months ? 'once' : undefined,
    text: months
      ? `${live}
         UNION ALL
         SELECT ${CALL} FROM ended_outgoing_calls AS call
         WHERE call.order_id = $1 AND call.${column} = $2
           AND call.over_at >= ${monthBound('$3')} AND call.over_at < ${monthBound('$4')}`
      : live,
    values: [order.id, value, ...(months ? [months.from, months.until] : [])],
  });
  return rows[0] ?? null;
}

/** Stores an ordered call, once for each order and key. @returns null if it was stored before */
export async function want(tx: EntityManager, call: Omit<OutgoingCall, 'id'>): Promise<OutgoingCall | null> {
  const { identifiers } = await tx.createQueryBuilder().insert().into(OutgoingCall).values(call).orIgnore().execute();
  const [made] = identifiers as ({ id: string } | undefined)[];
  return made ? { ...call, id: made.id } : null;
}

/** Claims the request to the provider for this process. @returns whether it may send it */
export async function toOrder(tx: EntityManager, id: string, now: Date, lookAt: Date): Promise<boolean> {
  const [, count] = await tx.sql<[unknown, number]>`
    UPDATE outgoing_calls AS call SET state = 'ordered', ordered_at = ${now}, look_at = ${lookAt}
    WHERE call.id = ${id} AND call.state = 'wanted'`;
  return count === 1;
}

export async function markPlaced(tx: EntityManager, id: string, providerCallId: string): Promise<void> {
  await tx.sql`
    UPDATE outgoing_calls AS call SET state = 'placed', provider_call_id = ${providerCallId}, look_at = NULL
    WHERE call.id = ${id} AND call.state = 'ordered'`;
}

export async function markFailed(tx: EntityManager, id: string, reason: string): Promise<void> {
  await tx.sql`
    UPDATE outgoing_calls AS call SET state = 'failed', reason = ${reason}, look_at = NULL
    WHERE call.id = ${id} AND call.state IN ('wanted', 'ordered')`;
}

/**
 * Claims calls of which it is unknown whether they were placed, longest waiting first. Skips calls that another process
 * is claiming. A claim is the time of the next check, at doubling intervals, so it expires if its process dies.
 */
export async function claimToLook(tx: EntityManager, now: Date, limit: number): Promise<OutgoingCall[]> {
  const [claimed] = await tx.sql<[{ id: string }[], number]>`
    UPDATE outgoing_calls AS call
    SET times_looked = call.times_looked + 1,
        look_at = ${now}::timestamptz + least(interval '1 minute' * power(2, call.times_looked), interval '1 hour')
    WHERE call.id IN (
      SELECT due.id FROM outgoing_calls AS due
      WHERE due.look_at <= ${now} ORDER BY due.look_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING call.id`;
  return claimed.length === 0 ? [] : tx.findBy(OutgoingCall, claimed);
}

/** The provider's ids of other calls that were ordered around an instant. */
export async function knownPlaced(tx: EntityManager, since: Date, until: Date): Promise<Set<string>> {
  const rows = await tx.sql<{ id: string }[]>`
    SELECT call.provider_call_id AS id FROM all_outgoing_calls AS call
    WHERE call.provider_call_id IS NOT NULL AND call.over_at >= ${since} AND call.ordered_at BETWEEN ${since} AND ${until}`;
  return new Set(rows.map(({ id }) => id));
}
