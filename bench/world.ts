import { createHash, randomUUID } from 'node:crypto';

import { Client } from 'pg';

import type { E164 } from '../src/phone-number/e164.js';
import { PhoneVault } from '../src/phone-number/phone-vault.js';
import { DEFAULT_POLICY } from '../src/virtual-numbers/pool.entity.js';
import type { Progress } from './progress.js';

/** How much is loaded. Everything in it is spelt by its index, so that each process can tell it without being told. */
export interface WorldSize {
  /** Active, each with two numbers held. */
  readonly orders: number;
  readonly agents: number;
  /** Numbers nobody holds. */
  readonly freeNumbers: number;
  /** Orders that are placed and have no agent yet. */
  readonly placedOrders: number;
}

export const HOOK_SECRET = 'the_secret_path_of_the_bench';
export const API_KEY = 'mk_the_key_of_the_bench';
export const ENCRYPTION_KEYS = [createHash('sha256').update('bench: encryption').digest()];
export const LOOKUP_KEY = createHash('sha256').update('bench: lookup').digest();
export const vault = new PhoneVault(ENCRYPTION_KEYS, LOOKUP_KEY);

/** Pool of the bench. Its marks ask for nothing to be bought. */
const POOL = { id: randomUUID(), name: 'bench' };

/** Callers that a client of pgbench draws at once; see scripts.ts. */
export const CALLERS_IN_A_HAND = 16;

const ROWS_AT_ONCE = 5_000;
const LONG_AGO = new Date(Date.now() - 60 * 60 * 1000);
const EXPIRES = new Date(Date.now() + 23 * 60 * 60 * 1000);
const CONNECTS_UNTIL = new Date(EXPIRES.getTime() + DEFAULT_POLICY.graceSeconds * 1000);

const virtualNumber = (index: number) => `+91${8_040_000_000 + index}` as E164;
const customerPhone = (order: number) => `+91${9_000_000_000 + order}` as E164;
const agentPhone = (agent: number) => `+91${9_700_000_000 + agent}` as E164;

export const placedReference = (index: number) => String(2_000_000_000 + index);
/** An agent whom no order has yet. */
export const newAgentPhone = (index: number) => `+91${9_810_000_000 + index}` as E164;

/** A call that must connect. */
export interface ExpectedCall {
  readonly caller: E164;
  readonly dials: E164;
  readonly rings: E164;
  readonly shows: E164;
}

/** One of the two calls of an active order. */
export function callOf(size: WorldSize, order: number, byAgent: boolean): ExpectedCall {
  const customer = { phone: customerPhone(order), dials: virtualNumber(2 * order) };
  const agent = { phone: agentPhone(order % size.agents), dials: virtualNumber(2 * order + 1) };
  const [caller, callee] = byAgent ? [agent, customer] : [customer, agent];
  return { caller: caller.phone, dials: caller.dials, rings: callee.phone, shows: callee.dials };
}

/** Fills a migrated, empty database. */
export async function loadWorld(url: string, size: WorldSize, progress: Progress): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Foreign keys are not asked row by row: these rows are right by construction, and loading takes half the time.
    await client.query(`SET session_replication_role = replica`);
    await insertPool(client);
    const numbers = 2 * size.orders + size.freeNumbers;
    const orders = size.orders + size.placedOrders;
    const total = numbers + orders;
    for (const [from, to] of chunks(0, numbers)) {
      await insertNumbers(client, from, to, 2 * size.orders);
      progress.show('loading numbers', to, total);
    }
    for (const [from, to] of chunks(0, size.orders)) {
      await insertActiveOrders(client, size, from, to);
      progress.show('loading orders', numbers + to, total);
    }
    for (const [from, to] of chunks(0, size.placedOrders)) {
      await insertPlacedOrders(client, size, from, to);
      progress.show('loading orders', numbers + size.orders + to, total);
    }
    progress.say('analysing');
    await client.query(`CREATE SCHEMA bench`);
    await client.query(`
      CREATE TABLE bench.hands AS
      SELECT (drawn.position / ${CALLERS_IN_A_HAND})::integer AS hand, array_agg(drawn.virtual_number) AS numbers,
             array_agg(drawn.dialler_key) AS keys
      FROM (SELECT assignment.virtual_number, assignment.dialler_key, row_number() OVER (ORDER BY random()) - 1 AS position
            FROM assignments AS assignment) AS drawn
      GROUP BY 1`);
    await client.query(`ALTER TABLE bench.hands ADD PRIMARY KEY (hand)`);
    await client.query(`VACUUM ANALYZE`);
    await client.query(`CHECKPOINT`);
  } finally {
    await client.end();
  }
}

async function insertPool(client: Client): Promise<void> {
  const { capacity, graceSeconds, cancelGraceSeconds, quarantineSeconds, lifetimeSeconds } = DEFAULT_POLICY;
  await client.query(
    `INSERT INTO pools (id, name, country, provider, capacity, grace_seconds, cancel_grace_seconds, quarantine_seconds,
                        lifetime_seconds, low_water, target, max_numbers, created_at)
     VALUES ($1, $2, 'IN', 'exotel', $3, $4, $5, $6, $7, 0, 0, 0, $8)`,
    [POOL.id, POOL.name, capacity, graceSeconds, cancelGraceSeconds, quarantineSeconds, lifetimeSeconds, LONG_AGO],
  );
}

async function insertNumbers(client: Client, from: number, to: number, held: number): Promise<void> {
  const numbers = range(from, to).map(virtualNumber);
  await client.query(
    `INSERT INTO virtual_numbers (number, pool_id, provider, provider_id, status, orders_held, capacity,
                                  last_assigned_at, created_at)
     SELECT incoming.number, $2, 'exotel', incoming.number, 'available', incoming.held, 1,
            CASE incoming.held WHEN 1 THEN $4::timestamptz END, $4
     FROM unnest($1::text[], $3::integer[]) AS incoming (number, held)`,
    [numbers, POOL.id, range(from, to).map((index) => (index < held ? 1 : 0)), LONG_AGO],
  );
  await client.query(
    `INSERT INTO virtual_number_keys (phone_key, number)
     SELECT incoming.phone_key, incoming.number FROM unnest($1::bytea[], $2::text[]) AS incoming (phone_key, number)`,
    [numbers.map((number) => vault.keyOf(number)), numbers],
  );
}

async function insertActiveOrders(client: Client, size: WorldSize, from: number, to: number): Promise<void> {
  const orders = range(from, to).map((index) => ({
    id: randomUUID(),
    reference: String(1_000_000_000 + index),
    index,
  }));
  await insertOrders(client, orders, 'active');
  const sides = orders.flatMap(({ id: orderId, index }) => {
    const sealed = (role: string, phone: E164, dials: E164) => ({
      id: randomUUID(),
      orderId,
      role,
      dials,
      ...vault.seal(phone),
    });
    const customer = sealed('customer', customerPhone(index), virtualNumber(2 * index));
    const agent = sealed('agent', agentPhone(index % size.agents), virtualNumber(2 * index + 1));
    return [
      { ...customer, callee: agent },
      { ...agent, callee: customer },
    ];
  });
  await insertParticipants(client, sides);
  await client.query(
    `INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role,
                              callee_id, callee_phone, shown_number, assigned_at, connects_until)
     SELECT incoming.*, $9, $10
     FROM unnest($1::text[], $2::bytea[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bytea[], $8::text[])
          AS incoming`,
    [
      sides.map((side) => side.dials),
      sides.map((side) => side.phoneKey),
      sides.map((side) => side.orderId),
      sides.map((side) => side.id),
      sides.map((side) => side.role),
      sides.map((side) => side.callee.id),
      sides.map((side) => side.callee.phone),
      sides.map((side) => side.callee.dials),
      LONG_AGO,
      CONNECTS_UNTIL,
    ],
  );
}

async function insertPlacedOrders(client: Client, size: WorldSize, from: number, to: number): Promise<void> {
  const orders = range(from, to).map((index) => ({ id: randomUUID(), reference: placedReference(index), index }));
  await insertOrders(client, orders, 'placed');
  await insertParticipants(
    client,
    orders.map(({ id: orderId, index }) => ({
      ...{ id: randomUUID(), orderId, role: 'customer' },
      ...vault.seal(customerPhone(size.orders + index)),
    })),
  );
}

async function insertOrders(
  client: Client,
  orders: readonly { id: string; reference: string }[],
  status: 'active' | 'placed',
): Promise<void> {
  const { graceSeconds, cancelGraceSeconds, quarantineSeconds, lifetimeSeconds } = DEFAULT_POLICY;
  const activeAt = status === 'active' ? LONG_AGO : null;
  const connectsUntil = status === 'active' ? CONNECTS_UNTIL : null;
  await client.query(
    `INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                         quarantine_seconds, placed_at, active_at, connects_until, due_at)
     SELECT incoming.id, incoming.reference, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
     FROM unnest($1::uuid[], $2::text[]) AS incoming (id, reference)`,
    [
      ...[orders.map(({ id }) => id), orders.map(({ reference }) => reference), POOL.id, status],
      ...[lifetimeSeconds, graceSeconds, cancelGraceSeconds, quarantineSeconds],
      ...[LONG_AGO, activeAt, connectsUntil, EXPIRES],
    ],
  );
  await client.query(
    `INSERT INTO order_events (order_id, kind, at) SELECT incoming.id, 'order.placed', $2 FROM unnest($1::uuid[]) AS incoming (id)`,
    [orders.map(({ id }) => id), LONG_AGO],
  );
}

async function insertParticipants(
  client: Client,
  participants: readonly { id: string; orderId: string; role: string; phone: Buffer; phoneKey: Buffer }[],
): Promise<void> {
  await client.query(
    `INSERT INTO participants (id, order_id, role, phone, phone_key, joined_at)
     SELECT incoming.*, $6 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[]) AS incoming`,
    [
      participants.map(({ id }) => id),
      participants.map(({ orderId }) => orderId),
      participants.map(({ role }) => role),
      participants.map(({ phone }) => phone),
      participants.map(({ phoneKey }) => phoneKey),
      LONG_AGO,
    ],
  );
}

/** How many of the orders that were placed are active with two assignments now. */
export async function countAssigned(client: Client): Promise<number> {
  const { rows } = await client.query<{ assigned: number }>(
    `
    SELECT count(*)::integer AS assigned
    FROM orders
    WHERE orders.reference >= $1 AND orders.status = 'active'
      AND 2 = (SELECT count(*) FROM assignments AS assignment WHERE assignment.order_id = orders.id)`,
    [placedReference(0)],
  );
  return rows[0]!.assigned;
}

/** Makes the orders that were placed as they were before anybody assigned an agent, and every round begin alike. */
export async function undoAssignments(client: Client): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE undone AS SELECT orders.id FROM orders WHERE orders.active_at > $1`, [
    LONG_AGO,
  ]);
  await client.query(`
    WITH released AS (
      DELETE FROM assignments AS assignment USING undone WHERE assignment.order_id = undone.id
      RETURNING assignment.virtual_number
    )
    UPDATE virtual_numbers AS number SET orders_held = 0, last_assigned_at = NULL
    FROM released WHERE number.number = released.virtual_number`);
  await client.query(
    `DELETE FROM participants AS participant USING undone WHERE participant.order_id = undone.id AND participant.role = 'agent'`,
  );
  await client.query(
    `DELETE FROM order_events AS event USING undone WHERE event.order_id = undone.id AND event.kind <> 'order.placed'`,
  );
  await client.query(
    `UPDATE orders SET status = 'placed', connects_until = NULL, active_at = NULL FROM undone WHERE orders.id = undone.id`,
  );
  await client.query(`DROP TABLE undone`);
  await client.query(`VACUUM orders, participants, order_events, virtual_numbers, assignments`);
  await client.query(`CHECKPOINT`);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function chunks(from: number, to: number): [number, number][] {
  const count = Math.ceil((to - from) / ROWS_AT_ONCE);
  return range(0, count).map((chunk) => [from + chunk * ROWS_AT_ONCE, Math.min(to, from + (chunk + 1) * ROWS_AT_ONCE)]);
}

/** Orders of the pool that pgbench assigns from. */
export async function poolId(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>(`SELECT pool.id FROM pools AS pool WHERE pool.name = $1`, [
    POOL.name,
  ]);
  return rows[0]!.id;
}
