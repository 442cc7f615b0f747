import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import { ALL_MONTHS, monthsBetween, type Months } from '../../platform/retention/months-back.js';
import type { OrderEvent } from './order-event.entity.js';
import { Order, type OrderStatus } from './order.entity.js';
import type { Participant } from './participant.entity.js';
import type { Place } from '../../platform/http/cursor-page.js';

/** The key of an order: our id, or the order system's reference. */
export type OrderKey = { readonly id: string } | { readonly reference: string };

/** The columns of an order, in a live table or in one of ended orders. */
export const ORDER = `
  orders.id, orders.reference, orders.pool_id AS "poolId", orders.status,
  orders.lifetime_seconds AS "lifetimeSeconds", orders.grace_seconds AS "graceSeconds",
  orders.cancel_grace_seconds AS "cancelGraceSeconds", orders.quarantine_seconds AS "quarantineSeconds",
  orders.assign_numbers AS "assignNumbers", orders.links, orders.link_count AS "linkCount", orders.blocks,
  orders.placed_at AS "placedAt", orders.active_at AS "activeAt", orders.closed_at AS "closedAt",
  orders.connects_until AS "connectsUntil", orders.ended_because AS "endedBecause", orders.due_at AS "dueAt"`;

export const LIVE = `${ORDER}, NULL::timestamptz AS "overAt"`;
const ENDED = `${ORDER}, orders.over_at AS "overAt"`;

/**
 * An order, live or ended. Most are live, so the ended ones are searched afterwards only. An order never moves back: one
 * that is moved meanwhile is found there.
 */
export async function findOrder(connections: Connections, key: OrderKey): Promise<Order | null> {
  const [by, value] = byKey(key);
  const { rows } = await connections.query<Order>({ ...findLive(by), values: [value] });
  return rows[0] ? orderOf(rows[0]) : findEndedOrder(connections, key);
}

/** An order that was moved to its month. */
export async function findEndedOrder(connections: Connections, key: OrderKey): Promise<Order | null> {
  const [by, value] = byKey(key);
  const { rows } = await connections.query<Order>({ ...findEnded(by), values: [value] });
  return rows[0] ? orderOf(rows[0]) : null;
}

export function orderOf(row: Order): Order {
  return Object.assign(new Order(), row);
}

function byKey(key: OrderKey): ['id' | 'reference', string] {
  return 'id' in key ? ['id', key.id] : ['reference', key.reference];
}

const findLive = (by: string): Statement => ({
  name: `find-order-by-${by}`,
  text: `SELECT ${LIVE} FROM orders WHERE orders.${by} = $1`,
});
const findEnded = (by: string): Statement => ({
  name: `find-ended-order-by-${by}`,
  plan: 'once',
  text: `SELECT ${ENDED} FROM ended_orders AS orders WHERE orders.${by} = $1`,
});

/**
 * Orders before a place in the list, newest first. The limit is part of the text: PostgreSQL would plan the statement
 * again each time for a limit that it does not know.
 */
export async function listOrders(
  connections: Connections,
  asked: {
    readonly status: OrderStatus | null;
    /** Null = of all pools. */
    readonly poolIds: readonly string[] | null;
    readonly before: Place | null;
    readonly limit: number;
  },
): Promise<Order[]> {
  const { status, poolIds, before, limit } = asked;
  const isLive = status !== null && status !== 'ended';
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = [
    ...(status === null ? [] : [`orders.status = ${parameter(status)}`]),
    ...(before ? [`(orders.placed_at, orders.id) < (${parameter(before.at)}, ${parameter(before.id)})`] : []),
    ...(poolIds === null ? [] : [`orders.pool_id = ANY(${parameter(poolIds)}::uuid[])`]),
  ];
  const { rows } = await connections.query<Order>({
    name: `list-orders-${isLive ? 'live' : (status ?? 'any')}-${before ? 'before' : 'newest'}-${poolIds ? 'of-pools-' : ''}${limit}`,
    plan: isLive ? undefined : 'once',
    text: `
      SELECT ${isLive ? LIVE : `${ORDER}, NULLIF(orders.over_at, 'infinity') AS "overAt"`}
      FROM ${isLive ? 'orders' : 'all_orders AS orders'}
      ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
      ORDER BY orders.placed_at DESC, orders.id DESC LIMIT ${limit}`,
    values,
  });
  return rows.map(orderOf);
}

/** Orders by their ids, live or ended, in any sequence. @param months of the ends of grace of those that have ended */
export async function ordersById(
  connections: Connections,
  ids: readonly string[],
  { from, until }: Months,
): Promise<Order[]> {
  const live = await ask<Order>(connections, liveById, [ids]);
  const missing = ids.filter((id) => !live.some((order) => order.id === id));
  const ended = missing.length === 0 ? [] : await ask<Order>(connections, endedById, [missing, from, until]);
  return [...live, ...ended].map(orderOf);
}

const liveById: Statement = {
  name: 'orders-by-id',
  text: `SELECT ${LIVE} FROM orders WHERE orders.id = ANY((SELECT $1::uuid[])::uuid[])`,
};
const endedById: Statement = {
  name: 'ended-orders-by-id',
  plan: 'once',
  text: `
    SELECT ${ENDED} FROM ended_orders AS orders
    WHERE orders.id = ANY((SELECT $1::uuid[])::uuid[])
      AND orders.over_at >= ${monthBound('$2')} AND orders.over_at < ${monthBound('$3')}`,
};

/** The orders with these references, live or ended, newest first. */
export async function ordersByReferences(connections: Connections, references: readonly string[]): Promise<Order[]> {
  if (references.length === 0) return [];
  const live = await ask<Order>(connections, liveByReference, [references]);
  const ended = await ask<Order>(connections, endedByReference, [references]);
  const moved = ended.filter(({ id }) => !live.some((order) => order.id === id));
  return [...live, ...moved].toSorted((one, other) => other.placedAt.getTime() - one.placedAt.getTime()).map(orderOf);
}

const liveByReference: Statement = {
  name: 'orders-by-reference',
  text: `SELECT ${LIVE} FROM orders WHERE orders.reference = ANY((SELECT $1::text[])::text[])`,
};
const endedByReference: Statement = {
  name: 'ended-orders-by-reference',
  plan: 'once',
  text: `SELECT ${ENDED} FROM ended_orders AS orders WHERE orders.reference = ANY((SELECT $1::text[])::text[])`,
};

/** The references of orders, by their ids. */
export async function referencesOf(connections: Connections, ids: readonly string[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const table of ['orders', 'ended_orders']) {
    const missing = [...new Set(ids)].filter((id) => !known.has(id));
    if (missing.length === 0) break;
    const { rows } = await connections.query<{ id: string; reference: string }>({
      name: `references-of-${table}`,
      text: `SELECT orders.id, orders.reference FROM ${table} AS orders WHERE orders.id = ANY((SELECT $1::uuid[])::uuid[])`,
      values: [missing],
    });
    for (const { id, reference } of rows) known.set(id, reference);
  }
  return known;
}

const PARTICIPANT = `
  participant.id, participant.order_id AS "orderId", participant.role, participant.phone,
  participant.phone_key AS "phoneKey", participant.joined_at AS "joinedAt", participant.left_at AS "leftAt"`;

/** The current participants of orders. */
export async function participantsOf(connections: Connections, orders: readonly Order[]): Promise<Participant[]> {
  const live = orders.filter(({ overAt }) => overAt === null);
  const [ofLive, ofEnded] = await Promise.all([
    live.length === 0 ? [] : ask<Participant>(connections, currentOfLive, [live.map(({ id }) => id)]),
    inTheirMonths(
      connections,
      orders.flatMap(({ id, overAt }) => (overAt === null ? [] : [{ id, overAt }])),
    ),
  ]);
  const moved = live.filter(({ id, status }) => status === 'ended' && !ofLive.some(({ orderId }) => orderId === id));
  return [...ofLive, ...ofEnded, ...(moved.length > 0 ? await nowEnded(connections, moved) : [])];
}

async function inTheirMonths(
  connections: Connections,
  ended: readonly { readonly id: string; readonly overAt: Date }[],
): Promise<Participant[]> {
  if (ended.length === 0) return [];
  const instants = ended.map(({ overAt }) => overAt);
  const times = instants.map(Number);
  const { from, until } = monthsBetween(new Date(Math.min(...times)), new Date(Math.max(...times)));
  return ask(connections, currentOfEnded, [ended.map(({ id }) => id), instants, from, until]);
}

/** The participants of orders that were perhaps moved since they were read. */
async function nowEnded(connections: Connections, orders: readonly Order[]): Promise<Participant[]> {
  return ask(connections, currentOfMoved, [orders.map(({ id }) => id)]);
}

const currentOfLive: Statement = {
  name: 'participants-of-orders',
  text: `
    SELECT ${PARTICIPANT} FROM participants AS participant
    WHERE participant.order_id = ANY((SELECT $1::uuid[])::uuid[]) AND participant.left_at IS NULL`,
};
/**
 * Each order's month is known, so its partition is the only one that is read. OFFSET keeps PostgreSQL from joining all
 * partitions instead, which it takes to be cheaper while they are small.
 */
const currentOfEnded: Statement = {
  name: 'participants-of-ended-orders',
  plan: 'once',
  text: `
    SELECT participant.*
    FROM unnest((SELECT $1::uuid[])::uuid[], (SELECT $2::timestamptz[])::timestamptz[]) AS ended (id, over_at)
    CROSS JOIN LATERAL (
      SELECT ${PARTICIPANT} FROM ended_participants AS participant
      WHERE participant.order_id = ended.id AND participant.over_at = ended.over_at AND participant.left_at IS NULL
        AND participant.over_at >= ${monthBound('$3')} AND participant.over_at < ${monthBound('$4')}
      OFFSET 0) AS participant`,
};
const currentOfMoved: Statement = {
  name: 'participants-of-moved-orders',
  plan: 'once',
  text: `
    SELECT ${PARTICIPANT} FROM ended_participants AS participant
    WHERE participant.order_id = ANY((SELECT $1::uuid[])::uuid[]) AND participant.left_at IS NULL`,
};

/** Everybody who was ever on an order. */
export async function everyParticipantOf(connections: Connections, order: Order): Promise<Participant[]> {
  return ofOrder(connections, order, everyParticipant);
}

const everyParticipant: InBothPlaces = {
  live: {
    name: 'every-participant-of-order',
    text: `SELECT ${PARTICIPANT} FROM participants AS participant WHERE participant.order_id = $1`,
  },
  ended: {
    name: 'every-participant-of-ended-order',
    plan: 'once',
    text: `
      SELECT ${PARTICIPANT} FROM ended_participants AS participant
      WHERE participant.order_id = $1
        AND participant.over_at >= ${monthBound('$2')} AND participant.over_at < ${monthBound('$3')}`,
  },
};

/** The events of an order, oldest first. */
export async function eventsOf(connections: Connections, order: Order): Promise<OrderEvent[]> {
  return ofOrder(connections, order, everyEvent);
}

const EVENT = `event.id, event.order_id AS "orderId", event.kind, event.at, event.about, event.position`;
const everyEvent: InBothPlaces = {
  live: {
    name: 'events-of-order',
    text: `SELECT ${EVENT} FROM order_events AS event WHERE event.order_id = $1 ORDER BY event.id`,
  },
  ended: {
    name: 'events-of-ended-order',
    plan: 'once',
    text: `
      SELECT ${EVENT} FROM ended_order_events AS event
      WHERE event.order_id = $1 AND event.over_at >= ${monthBound('$2')} AND event.over_at < ${monthBound('$3')}
      ORDER BY event.id`,
  },
};

/** Statements about the rows of an order: in the live table, and in its month, which are the second and third parameter. */
interface InBothPlaces {
  readonly live: Statement;
  readonly ended: Statement;
}

/** Rows of which every order has some. If there are none in the live table, the order was moved, with all of them. */
async function ofOrder<Row extends object>(
  connections: Connections,
  order: Order,
  { live, ended }: InBothPlaces,
): Promise<Row[]> {
  const rows = order.overAt === null ? await ask<Row>(connections, live, [order.id]) : [];
  if (rows.length > 0) return rows;
  const over = order.endOfGrace();
  const { from, until } = over === null ? ALL_MONTHS : monthsBetween(over, over);
  return ask<Row>(connections, ended, [order.id, from, until]);
}

async function ask<Row extends object>(
  connections: Connections,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  return (await connections.query<Row>({ ...statement, values: [...values] })).rows;
}
