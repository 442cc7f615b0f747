import { createHash, randomUUID } from 'node:crypto';

import { Client } from 'pg';

import type { E164 } from '../src/phone-number/e164.js';
import { PhoneVault } from '../src/phone-number/phone-vault.js';
import { phoneOf, pinOf as placeOfPin } from '../src/phone-number/sealed-place.js';
import { DEFAULT_POLICY } from '../src/virtual-numbers/pools/pool.entity.js';
import type { Progress } from './progress.js';

export type PoolKind = 'exclusive' | 'shared';

export interface PoolSize {
  readonly numbers: number;
  /** Orders that hold two numbers each. */
  readonly activeOrders: number;
  /** Orders without an agent. */
  readonly placedOrders: number;
  /** Orders of a sender and a recipient, without a courier. */
  readonly placedParcels: number;
}

/** The amount of data. Everything is named by its index, so that each process can compute the names. */
export interface WorldSize extends Readonly<Record<PoolKind, PoolSize>> {
  readonly agents: number;
}

export const HOOK_SECRET = 'the_secret_path_of_the_bench';
export const API_KEY = 'mk_the_key_of_the_bench';
export const ENCRYPTION_KEYS = [createHash('sha256').update('bench: encryption').digest()];
export const LOOKUP_KEY = createHash('sha256').update('bench: lookup').digest();
export const vault = new PhoneVault(ENCRYPTION_KEYS, LOOKUP_KEY);

/** With marks that buy nothing. */
export const POOLS: Readonly<Record<PoolKind, { id: string; name: string; capacity: number; firstNumber: number }>> = {
  exclusive: { id: '00000000-0000-4000-8000-000000000001', name: 'exclusive', capacity: 1, firstNumber: 8_040_000_000 },
  shared: { id: '00000000-0000-4000-8000-000000000002', name: 'shared', capacity: 1_000, firstNumber: 8_041_000_000 },
};
const KINDS = ['exclusive', 'shared'] as const;

/** The number of callers that a client of pgbench draws at once; see scripts.ts. */
export const CALLERS_IN_A_HAND = 16;

const ROWS_AT_ONCE = 5_000;
const MOST_PINS = 5_000;
const LONG_AGO = new Date(Date.now() - 60 * 60 * 1000);
const EXPIRES = new Date(Date.now() + 23 * 60 * 60 * 1000);
const CONNECTS_UNTIL = new Date(EXPIRES.getTime() + DEFAULT_POLICY.graceSeconds * 1000);

const virtualNumber = (pool: PoolKind, index: number) => `+91${POOLS[pool].firstNumber + index}` as E164;
const customerPhone = (order: number) => `+91${9_000_000_000 + order}` as E164;
const senderPhone = (parcel: number) => `+91${9_400_000_000 + parcel}` as E164;
const recipientPhone = (parcel: number) => `+91${9_500_000_000 + parcel}` as E164;
const agentPhone = (agent: number) => `+91${9_700_000_000 + agent}` as E164;

/** Orders are numbered over both pools, those of each kind separately, starting with the exclusive pool. */
const firstOf = ({ exclusive }: WorldSize, pool: PoolKind, kind: 'activeOrders' | 'placedOrders' | 'placedParcels') =>
  pool === 'exclusive' ? 0 : exclusive[kind];

export const placedReference = (size: WorldSize, pool: PoolKind, index: number) =>
  String(2_000_000_000 + firstOf(size, pool, 'placedOrders') + index);
export const parcelReference = (size: WorldSize, pool: PoolKind, index: number) =>
  String(3_000_000_000 + firstOf(size, pool, 'placedParcels') + index);
/** An agent or courier who is on no order. */
export const newAgentPhone = (index: number) => `+91${9_810_000_000 + index}` as E164;
/** A customer who has no order. */
export const newCustomerPhone = (index: number) => `+91${9_600_000_000 + index}` as E164;
export const activeOrders = ({ exclusive, shared }: WorldSize) => exclusive.activeOrders + shared.activeOrders;

/** A call that must connect. */
export interface ExpectedCall {
  readonly caller: E164;
  readonly dials: E164;
  readonly rings: E164;
  readonly shows: E164;
}

/** One of the two calls of an active order. */
export function callOf(size: WorldSize, order: number, byAgent: boolean): ExpectedCall {
  const [customerDials, agentDials] = numbersOf(size, order);
  const customer = { phone: customerPhone(order), dials: customerDials };
  const agent = { phone: agentPhone(order % size.agents), dials: agentDials };
  const [caller, callee] = byAgent ? [agent, customer] : [customer, agent];
  return { caller: caller.phone, dials: caller.dials, rings: callee.phone, shows: callee.dials };
}

const ordersWithPin = ({ exclusive }: WorldSize) => Math.min(MOST_PINS, exclusive.activeOrders);
const pinOf = (order: number) => String(1_000_000_000 + order * 7_919);

/** A call from an unknown phone that must connect with the PIN of a customer. */
export function callByPin(size: WorldSize, drawn: number, stranger: number): ExpectedCall & { readonly pin: string } {
  const order = drawn % ordersWithPin(size);
  return { ...callOf(size, order, false), caller: newCustomerPhone(stranger), pin: pinOf(order) };
}

/** Creates PINs for the customers of the exclusive pool, which asks unknown callers for them. */
export async function makePins(url: string, size: WorldSize): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const made = range(0, ordersWithPin(size)).map((order) => {
      const { caller, dials } = callOf(size, order, false);
      const pin = pinOf(order);
      return {
        dials,
        key: vault.keyOf(caller),
        pin: vault.sealText(pin, placeOfPin('nobody', 'customer', dials)),
        pinKey: vault.keyOfPin(dials, pin),
      };
    });
    await client.query(`UPDATE pools SET pin = 'unknown-callers' WHERE id = $1`, [POOLS.exclusive.id]);
    await client.query(
      `UPDATE assignments AS assignment SET pin = made.pin, pin_key = made.pin_key
       FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[]) AS made (number, dialler_key, pin, pin_key)
       WHERE assignment.virtual_number = made.number AND assignment.dialler_key = made.dialler_key`,
      [
        ...[made.map(({ dials }) => dials), made.map(({ key }) => key)],
        ...[made.map(({ pin }) => pin), made.map(({ pinKey }) => pinKey)],
      ],
    );
    await client.query(`VACUUM ANALYZE assignments`);
  } finally {
    await client.end();
  }
}

/**
 * What the customer and the agent of an active order dial. In the shared pool no agent dials the same number for two
 * orders.
 */
function numbersOf(size: WorldSize, order: number): [E164, E164] {
  const { exclusive, shared, agents } = size;
  if (order < exclusive.activeOrders)
    return [virtualNumber('exclusive', 2 * order), virtualNumber('exclusive', 2 * order + 1)];
  const agentsOrder = Math.floor(order / agents);
  const one = (index: number) => virtualNumber('shared', index % shared.numbers);
  return [one(order), one(order + agentsOrder + 1)];
}

/** Fills a migrated, empty database. */
export async function loadWorld(url: string, size: WorldSize, progress: Progress): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Foreign keys are not checked: the rows are correct by construction, and loading takes half the time.
    await client.query(`SET session_replication_role = replica`);
    const active = activeOrders(size);
    const total = KINDS.reduce(
      (sum, pool) => sum + size[pool].numbers + size[pool].placedOrders + size[pool].placedParcels,
      active,
    );
    let done = 0;
    const load = async (what: string, count: number, insert: (from: number, to: number) => Promise<void>) => {
      for (const [from, to] of chunks(0, count)) {
        progress.show(`loading ${what}`, done, total);
        await insert(from, to);
        done += to - from;
      }
    };
    for (const pool of KINDS) {
      await insertPool(client, pool);
      await load('numbers', size[pool].numbers, (from, to) => insertNumbers(client, pool, from, to));
    }
    await load('active orders', active, (from, to) => insertActiveOrders(client, size, from, to));
    for (const pool of KINDS) {
      await load('placed orders', size[pool].placedOrders, (from, to) =>
        insertPlacedOrders(client, size, pool, from, to),
      );
      await load('placed parcels', size[pool].placedParcels, (from, to) =>
        insertPlacedParcels(client, size, pool, from, to),
      );
    }
    await holdNumbers(client);
    progress.say('analysing');
    await client.query(`CREATE SCHEMA bench`);
    await client.query(`
      CREATE TABLE bench.hands AS
      SELECT (drawn.position / ${CALLERS_IN_A_HAND})::integer AS hand, array_agg(drawn.virtual_number) AS numbers,
             array_agg(drawn.number_key) AS number_keys, array_agg(drawn.dialler_key) AS keys
      FROM (SELECT assignment.virtual_number, ours.phone_key AS number_key, assignment.dialler_key,
                   row_number() OVER (ORDER BY random()) - 1 AS position
            FROM assignments AS assignment
            JOIN virtual_number_keys AS ours ON ours.number = assignment.virtual_number) AS drawn
      GROUP BY 1`);
    await client.query(`ALTER TABLE bench.hands ADD PRIMARY KEY (hand)`);
    await client.query(`VACUUM ANALYZE`);
    await client.query(`CHECKPOINT`);
  } finally {
    await client.end();
  }
}

async function insertPool(client: Client, pool: PoolKind): Promise<void> {
  const { graceSeconds, cancelGraceSeconds, quarantineSeconds, lifetimeSeconds } = DEFAULT_POLICY;
  const { id, name, capacity } = POOLS[pool];
  await client.query(
    `INSERT INTO pools (id, name, country, provider, capacity, grace_seconds, cancel_grace_seconds, quarantine_seconds,
                        lifetime_seconds, low_water, target, max_numbers, created_at)
     VALUES ($1, $2, 'IN', 'exotel', $3, $4, $5, $6, $7, 0, 0, 0, $8)`,
    [id, name, capacity, graceSeconds, cancelGraceSeconds, quarantineSeconds, lifetimeSeconds, LONG_AGO],
  );
}

async function insertNumbers(client: Client, pool: PoolKind, from: number, to: number): Promise<void> {
  const numbers = range(from, to).map((index) => virtualNumber(pool, index));
  await client.query(
    `INSERT INTO virtual_numbers (number, pool_id, provider, provider_id, status, capacity, created_at)
     SELECT incoming.number, $2, 'exotel', incoming.number, 'available', $3, $4 FROM unnest($1::text[]) AS incoming (number)`,
    [numbers, POOLS[pool].id, POOLS[pool].capacity, LONG_AGO],
  );
  await client.query(
    `INSERT INTO virtual_number_keys (phone_key, number)
     SELECT incoming.phone_key, incoming.number FROM unnest($1::bytea[], $2::text[]) AS incoming (phone_key, number)`,
    [numbers.map((number) => vault.keyOf(number)), numbers],
  );
}

/** Sets how many orders each number serves. */
async function holdNumbers(client: Client): Promise<void> {
  await client.query(
    `UPDATE virtual_numbers AS number SET orders_held = held.orders, last_assigned_at = $1
     FROM (SELECT assignment.virtual_number, count(*) AS orders FROM assignments AS assignment GROUP BY 1) AS held
     WHERE number.number = held.virtual_number`,
    [LONG_AGO],
  );
}

async function insertActiveOrders(client: Client, size: WorldSize, from: number, to: number): Promise<void> {
  const orders = range(from, to).map((index) => ({
    id: randomUUID(),
    reference: String(1_000_000_000 + index),
    poolId: POOLS[index < size.exclusive.activeOrders ? 'exclusive' : 'shared'].id,
    index,
  }));
  await insertOrders(client, orders, 'active');
  const sides = orders.flatMap(({ id: orderId, index }) => {
    const sealed = (role: string, phone: E164, dials: E164) => {
      const id = randomUUID();
      return { id, orderId, role, dials, ...vault.seal(phone, phoneOf(id)) };
    };
    const [customerDials, agentDials] = numbersOf(size, index);
    const customer = sealed('customer', customerPhone(index), customerDials);
    const agent = sealed('agent', agentPhone(index % size.agents), agentDials);
    return [
      { ...customer, callee: agent },
      { ...agent, callee: customer },
    ];
  });
  await insertParticipants(client, sides);
  await client.query(
    `INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role,
                              callee_id, callee_phone, shown_number, callee_role, assigned_at, connects_until,
                              quarantine_seconds, unconfirmed)
     SELECT incoming.*, $10, $11, 3600, false
     FROM unnest($1::text[], $2::bytea[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bytea[], $8::text[],
                 $9::text[])
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
      sides.map((side) => side.callee.role),
      LONG_AGO,
      CONNECTS_UNTIL,
    ],
  );
}

async function insertPlacedOrders(
  client: Client,
  size: WorldSize,
  pool: PoolKind,
  from: number,
  to: number,
): Promise<void> {
  const orders = range(from, to).map((index) => ({
    id: randomUUID(),
    reference: placedReference(size, pool, index),
    poolId: POOLS[pool].id,
    customer: customerPhone(activeOrders(size) + firstOf(size, pool, 'placedOrders') + index),
  }));
  await insertOrders(client, orders, 'placed');
  await insertParticipants(
    client,
    orders.map(({ id: orderId, customer }) => {
      const id = randomUUID();
      return { id, orderId, role: 'customer', ...vault.seal(customer, phoneOf(id)) };
    }),
  );
}

/** The courier will be linked to both. */
async function insertPlacedParcels(
  client: Client,
  size: WorldSize,
  pool: PoolKind,
  from: number,
  to: number,
): Promise<void> {
  const first = firstOf(size, pool, 'placedParcels');
  const orders = range(from, to).map((index) => ({
    id: randomUUID(),
    reference: parcelReference(size, pool, index),
    poolId: POOLS[pool].id,
    index,
  }));
  await insertOrders(client, orders, 'placed');
  const links = ['sender', 'recipient'].map((role) => ({ roles: ['courier', role], onlyFrom: null }));
  await client.query(`UPDATE orders SET links = $2::jsonb WHERE orders.id = ANY($1::uuid[])`, [
    orders.map(({ id }) => id),
    JSON.stringify(links),
  ]);
  await insertParticipants(
    client,
    orders.flatMap(({ id: orderId, index }) => {
      const sealed = (role: string, phone: E164) => {
        const id = randomUUID();
        return { id, orderId, role, ...vault.seal(phone, phoneOf(id)) };
      };
      return [sealed('sender', senderPhone(first + index)), sealed('recipient', recipientPhone(first + index))];
    }),
  );
}

async function insertOrders(
  client: Client,
  orders: readonly { id: string; reference: string; poolId: string }[],
  status: 'active' | 'placed',
): Promise<void> {
  const { graceSeconds, cancelGraceSeconds, quarantineSeconds, lifetimeSeconds } = DEFAULT_POLICY;
  const activeAt = status === 'active' ? LONG_AGO : null;
  const connectsUntil = status === 'active' ? CONNECTS_UNTIL : null;
  await client.query(
    `INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                         quarantine_seconds, placed_at, active_at, connects_until, due_at)
     SELECT incoming.id, incoming.reference, incoming.pool_id, $4, $5, $6, $7, $8, $9, $10, $11, $12
     FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS incoming (id, reference, pool_id)`,
    [
      ...[
        orders.map(({ id }) => id),
        orders.map(({ reference }) => reference),
        orders.map(({ poolId }) => poolId),
        status,
      ],
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

/** How many of the placed orders are active with two assignments for each of their `links`. */
export async function countAssigned(client: Client, links: number): Promise<number> {
  const { rows } = await client.query<{ assigned: number }>(
    `SELECT count(*)::integer AS assigned
     FROM orders
     WHERE orders.active_at > $1 AND orders.status = 'active'
       AND 2 * $2::integer = (SELECT count(*) FROM assignments AS assignment WHERE assignment.order_id = orders.id)`,
    [LONG_AGO, links],
  );
  return rows[0]!.assigned;
}

/** Undoes all assignments, so that every round starts with the same data. */
export async function undoAssignments(client: Client): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE undone AS SELECT orders.id FROM orders WHERE orders.active_at > $1`, [
    LONG_AGO,
  ]);
  await client.query(`
    WITH deleted AS (
      DELETE FROM assignments AS assignment USING undone WHERE assignment.order_id = undone.id
      RETURNING assignment.virtual_number
    ), released AS (
      SELECT deleted.virtual_number, count(*) AS orders FROM deleted GROUP BY 1
    )
    UPDATE virtual_numbers AS number SET orders_held = number.orders_held - released.orders, last_assigned_at = NULL
    FROM released WHERE number.number = released.virtual_number`);
  await client.query(
    `DELETE FROM participants AS participant USING undone
     WHERE participant.order_id = undone.id AND participant.role IN ('agent', 'courier')`,
  );
  await client.query(
    `DELETE FROM order_events AS event USING undone WHERE event.order_id = undone.id AND event.kind <> 'order.placed'`,
  );
  await client.query(
    `UPDATE orders SET status = 'placed', connects_until = NULL, active_at = NULL, link_count = 1
     FROM undone WHERE orders.id = undone.id`,
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
