import type { EntityManager } from 'typeorm';

import { connectionOf, runIn, type Statement } from '../../platform/database/statement.js';
import { addSeconds } from '../../platform/clock/clock.js';
import type { Link } from '../../virtual-numbers/link.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { EventSubject, OrderEventKind } from './order-event.entity.js';
import { findEndedOrder, ORDER, orderOf, type OrderKey } from './known-orders.queries.js';
import type { Ending, KeptBlock, Order, OrderStatus } from './order.entity.js';

/** An order that is locked, with its current participants. */
export interface LockedOrder {
  readonly order: Order;
  readonly participants: readonly OrderParticipant[];
}

/**
 * Locks an order until the transaction ends; null if there is none. Services use `OrderLocks` instead. One that was moved
 * to its month is not locked, because nothing changes it, and has no participants here.
 */
export async function lockOrder(tx: EntityManager, key: OrderKey): Promise<LockedOrder | null> {
  const [statement, value] = 'id' in key ? [lockById, key.id] : [lockByReference, key.reference];
  const parts = (await runIn<OrderRow>(tx, statement, [value])).map(partsOf);
  if (parts[0]) return { order: parts[0].order, participants: parts.flatMap(({ participant }) => participant ?? []) };
  const ended = await findEndedOrder(await connectionOf(tx), key);
  return ended && { order: ended, participants: [] };
}

/** An order without participants has one row. */
type OrderRow = Order & (OrderParticipant | { readonly [Column in keyof OrderParticipant]: null });

function partsOf({ participantId, role, phone, phoneKey, joinedAt, hasAlternates, ...order }: OrderRow): {
  order: Order;
  participant: OrderParticipant | null;
} {
  const participant = participantId === null ? null : { participantId, role, phone, phoneKey, joinedAt, hasAlternates };
  return { order: orderOf(order as Order), participant };
}

/**
 * Locks up to `limit` orders whose lifetime or grace is over, longest over first. Skips orders that another process has
 * locked.
 */
export async function lockDueOrders(tx: EntityManager, now: Date, limit: number): Promise<Order[]> {
  return (await runIn<Order>(tx, lockDue, [now, limit])).map(orderOf);
}

/**
 * The function reads the participants as they are once the order is locked. A join would read them as they were before
 * the statement waited for the lock.
 */
const lock = (name: string, column: string): Statement => ({
  name,
  text: `
    WITH locked AS MATERIALIZED (
      SELECT ${ORDER}, NULL::timestamptz AS "overAt" FROM orders WHERE orders.${column} = $1 FOR UPDATE
    )
    SELECT locked.*, participant.* FROM locked LEFT JOIN LATERAL current_participants(locked.id) AS participant ON true`,
});
const lockById = lock('lock-order-by-id', 'id');
const lockByReference = lock('lock-order', 'reference');

const lockDue: Statement = {
  name: 'lock-due-orders',
  text: `
    SELECT ${ORDER}, NULL::timestamptz AS "overAt" FROM orders WHERE orders.due_at <= $1
    ORDER BY orders.due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
};

/** A current participant of an order; the phone is null once it is deleted. */
export interface OrderParticipant {
  readonly participantId: string;
  readonly role: Role;
  readonly phone: Buffer | null;
  readonly phoneKey: Buffer | null;
  /** When they joined, by the order system's time. */
  readonly joinedAt: Date;
  /** Whether they have alternate phones. */
  readonly hasAlternates: boolean;
}

/**
 * Stores a new order with the current policy of its pool. Whether an ended order has the reference is looked up after the
 * insert: one that is moved meanwhile blocks the insert until it is found there.
 *
 * @returns its id; null if the reference is taken
 */
export async function insertOrder(
  tx: EntityManager,
  reference: string,
  pool: Pick<Pool, 'id' | 'graceSeconds' | 'cancelGraceSeconds' | 'quarantineSeconds' | 'assignNumbers'>,
  links: readonly Link[] | null,
  lifetimeSeconds: number,
  now: Date,
): Promise<string | null> {
  const [placed] = await runIn<{ id: string }>(tx, insertPlaced, [
    reference,
    pool.id,
    lifetimeSeconds,
    pool.graceSeconds,
    pool.cancelGraceSeconds,
    pool.quarantineSeconds,
    now,
    addSeconds(now, lifetimeSeconds),
    pool.assignNumbers,
    links && JSON.stringify(links),
  ]);
  if (!placed) return null;
  if ((await findEndedOrder(await connectionOf(tx), { reference })) === null) return placed.id;
  await runIn(tx, takeBackPlaced, [placed.id]);
  return null;
}

const takeBackPlaced: Statement = {
  name: 'take-back-placed-order',
  text: `
    WITH event AS (DELETE FROM order_events AS event WHERE event.order_id = $1)
    DELETE FROM orders WHERE orders.id = $1`,
};
const insertPlaced: Statement = {
  name: 'place-order',
  text: `
    WITH placed AS (
      INSERT INTO orders (reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                          quarantine_seconds, placed_at, due_at, assign_numbers, links)
      VALUES ($1, $2, 'placed', $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT (reference) DO NOTHING
      RETURNING id
    ), recorded AS (
      INSERT INTO order_events (order_id, kind, at) SELECT placed.id, 'order.placed', $7 FROM placed
    )
    SELECT placed.id FROM placed`,
};

/** The orders of a pool that wait for numbers. */
export interface Waiting {
  readonly poolId: string;
  readonly orders: number;
  /** Their links, which need two numbers each. */
  readonly links: number;
  /** When the first of them started to wait. */
  readonly since: Date;
}

/** The waiting orders of each pool, or of one. Pools without waiting orders are left out. */
export async function waitingByPool(tx: EntityManager, poolId: string | null = null): Promise<Waiting[]> {
  return tx.sql<Waiting[]>`
    SELECT orders.pool_id AS "poolId", count(*)::integer AS orders,
           sum(orders.link_count)::integer AS links, min(COALESCE(waits.since, orders.placed_at)) AS since
    FROM orders
    LEFT JOIN LATERAL (
      SELECT max(event.at) AS since FROM order_events AS event
      WHERE event.order_id = orders.id AND event.kind = 'order.awaiting-numbers') AS waits ON true
    WHERE orders.status = 'awaiting-numbers' AND (${poolId}::uuid IS NULL OR orders.pool_id = ${poolId}::uuid)
    GROUP BY orders.pool_id`;
}

/** The waiting orders of a pool, oldest first. */
export async function awaitingOrders(tx: EntityManager, poolId: string): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    SELECT orders.id FROM orders
    WHERE orders.pool_id = ${poolId} AND orders.status = 'awaiting-numbers'
    ORDER BY orders.placed_at`;
  return rows.map((row) => row.id);
}

/** Records that the participant was assigned again, later. */
export async function joinedAgain(tx: EntityManager, participantId: string, at: Date): Promise<void> {
  await tx.sql`
    UPDATE participants AS participant SET joined_at = ${at}
    WHERE participant.id = ${participantId} AND participant.joined_at < ${at}`;
}

/** Removes a participant from the order. The phone stays until the quarantine is over. */
export async function leaveOrder(tx: EntityManager, participantId: string, now: Date): Promise<void> {
  await tx.sql`UPDATE participants AS participant SET left_at = ${now} WHERE participant.id = ${participantId}`;
}

/** Adds a participant to an order. */
export async function joinOrder(tx: EntityManager, orderId: string, joining: JoiningParticipant): Promise<void> {
  const { participantId, role, phone, phoneKey, joinedAt } = joining;
  await runIn(tx, insertParticipant, [orderId, participantId, role, phone, phoneKey, joinedAt]);
}

const insertParticipant: Statement = {
  name: 'insert-participant',
  text: `
    INSERT INTO participants (order_id, id, role, phone, phone_key, joined_at) VALUES ($1, $2, $3, $4, $5, $6)`,
};

/** A participant who joins an order. */
export interface JoiningParticipant {
  readonly participantId: string;
  readonly role: Role;
  readonly phone: Buffer;
  readonly phoneKey: Buffer;
  readonly joinedAt: Date;
}

export interface OrderChange {
  readonly status: OrderStatus;
  readonly dueAt: Date | null;
  readonly event: OrderEventKind;
  /** Which participant or link the event is about. */
  readonly about?: EventSubject;
  /** Null = nobody has a number any more. */
  readonly connectsUntil?: Date | null;
  readonly activeAt?: Date;
  readonly closedAt?: Date;
  readonly endedBecause?: Ending;
  /** How many links of the order have numbers or wait for them. */
  readonly linkCount?: number;
  /** A participant who joins the order with this change. */
  readonly joins?: JoiningParticipant;
}

/** Changes an order and records the event, in one statement. Fields that the change does not name stay. */
export async function moveOrder(tx: EntityManager, orderId: string, change: OrderChange, now: Date): Promise<void> {
  const { joins } = change;
  const moving = [
    ...[orderId, change.status, change.dueAt, change.event, now, change.connectsUntil ?? null],
    ...[change.activeAt ?? null, change.closedAt ?? null, change.endedBecause ?? null],
    ...[change.connectsUntil === null, change.linkCount ?? null, change.about && JSON.stringify(change.about)],
  ];
  if (!joins) await runIn(tx, moveAndRecord, moving);
  else {
    const { participantId, role, phone, phoneKey, joinedAt } = joins;
    await runIn(tx, joinMoveAndRecord, [...moving, participantId, role, phone, phoneKey, joinedAt]);
  }
}

const MOVE_AND_RECORD = `
    moved AS (
      UPDATE orders
      SET status = $2, due_at = $3,
          connects_until = CASE WHEN NOT $10::boolean THEN COALESCE($6, orders.connects_until) END,
          active_at = COALESCE($7, orders.active_at), closed_at = COALESCE($8, orders.closed_at),
          ended_because = COALESCE($9, orders.ended_because),
          link_count = COALESCE($11::integer, orders.link_count)
      WHERE orders.id = $1
      RETURNING orders.id
    )
    INSERT INTO order_events (order_id, kind, at, about) SELECT moved.id, $4, $5, $12::jsonb FROM moved`;

const moveAndRecord: Statement = { name: 'move-order', text: `WITH ${MOVE_AND_RECORD}` };
const joinMoveAndRecord: Statement = {
  name: 'join-and-move-order',
  text: `
    WITH joined AS (
      INSERT INTO participants (id, order_id, role, phone, phone_key, joined_at) VALUES ($13, $1, $14, $15, $16, $17)
    ), ${MOVE_AND_RECORD}`,
};

/** Stores the links of an order. */
export async function setLinks(tx: EntityManager, orderId: string, links: readonly Link[]): Promise<void> {
  await tx.sql`UPDATE orders SET links = ${JSON.stringify(links)}::jsonb WHERE orders.id = ${orderId}`;
}

/** Stores the blocks of an order's closed links. */
export async function setBlocks(tx: EntityManager, orderId: string, blocks: readonly KeptBlock[]): Promise<void> {
  await tx.sql`UPDATE orders SET blocks = ${JSON.stringify(blocks)}::jsonb WHERE orders.id = ${orderId}`;
}

/** Records an event that does not change the order's state. */
export async function recordEvent(
  tx: EntityManager,
  orderId: string,
  kind: OrderEventKind,
  now: Date,
  about?: EventSubject,
): Promise<void> {
  const subject = about === undefined ? null : JSON.stringify(about);
  await tx.sql`
    INSERT INTO order_events (order_id, kind, at, about) VALUES (${orderId}, ${kind}, ${now}, ${subject}::jsonb)`;
}

/** Ends orders whose grace is over, and records the events. Many take as little time as one. */
export async function endOrders(tx: EntityManager, orderIds: readonly string[], now: Date): Promise<void> {
  await tx.sql`
    WITH ended AS (
      UPDATE orders
      SET status = 'ended', due_at = NULL
      WHERE orders.id = ANY(${orderIds}::uuid[])
      RETURNING orders.id
    )
    INSERT INTO order_events (order_id, kind, at)
    SELECT ended.id, 'order.ended', ${now}::timestamptz FROM ended`;
}

/** Opens an order in grace again, as if it had never ended, and records the event. */
export async function reopenOrder(
  tx: EntityManager,
  orderId: string,
  { status, expiresAt, connectsUntil }: { status: OrderStatus; expiresAt: Date; connectsUntil: Date },
  now: Date,
): Promise<void> {
  await tx.sql`
    WITH reopened AS (
      UPDATE orders
      SET status = ${status}, due_at = ${expiresAt}, connects_until = ${connectsUntil}, closed_at = NULL,
          ended_because = NULL
      WHERE orders.id = ${orderId}
      RETURNING orders.id
    )
    INSERT INTO order_events (order_id, kind, at)
    SELECT reopened.id, 'order.reopened', ${now}::timestamptz FROM reopened`;
}

/** Deletes the phones of these participants that nothing needs any more. */
export async function stripPhones(tx: EntityManager, participantIds: readonly string[]): Promise<void> {
  await runIn(tx, stripOfParticipants, [participantIds]);
}

/** Deletes the phones of all participants of these orders that nothing needs any more. */
export async function stripPhonesOfOrders(tx: EntityManager, orderIds: readonly string[]): Promise<void> {
  await runIn(tx, stripOfOrders, [orderIds]);
}

/**
 * A phone is needed as long as its participant is on an order that has not ended, or has an assignment, if only in
 * quarantine: the end of the last quarantine deletes it then.
 */
const strip = (which: string) => `
    WITH forgotten AS (
      UPDATE participants AS participant
      SET phone = NULL, phone_key = NULL
      FROM orders
      WHERE participant.${which} = ANY($1::uuid[]) AND orders.id = participant.order_id
        AND participant.phone_key IS NOT NULL
        AND (participant.left_at IS NOT NULL OR orders.status = 'ended')
        AND NOT EXISTS (SELECT FROM assignments AS held
                        WHERE held.order_id = participant.order_id AND held.dialler_id = participant.id)
      RETURNING participant.id
    )
    DELETE FROM participant_phones AS other USING forgotten WHERE other.participant_id = forgotten.id`;

const stripOfParticipants: Statement = { name: 'strip-phones', text: strip('id') };
const stripOfOrders: Statement = { name: 'strip-phones-of-orders', text: strip('order_id') };
