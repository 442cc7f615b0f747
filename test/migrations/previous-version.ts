import { randomUUID } from 'node:crypto';

import { Client } from 'pg';

import type { E164 } from '../../src/phone-number/e164.js';
import { phoneOf } from '../../src/phone-number/sealed-place.js';
import { PhoneVault } from '../../src/phone-number/phone-vault.js';

/** With the keys of `TestApp`. */
const vault = new PhoneVault([Buffer.alloc(32, 1)], Buffer.alloc(32, 2));

export interface OldOrder {
  readonly id: string;
  readonly reference: string;
  readonly customer: E164;
  readonly agent: E164;
  readonly customerDials: E164;
  readonly agentDials: E164;
}

/**
 * A process of the version before migration 83, with one connection: its statements, word for word, under their names,
 * in its transactions. Each is timed.
 */
export class PreviousVersion {
  readonly client: Client;
  longestMs = 0;
  statements = 0;

  private constructor(url: string) {
    this.client = new Client({ connectionString: url, application_name: 'previous version' });
  }

  static async connect(url: string): Promise<PreviousVersion> {
    const version = new PreviousVersion(url);
    await version.client.connect();
    return version;
  }

  /** Places an order without grace, and assigns an agent and both numbers. */
  async assign(poolId: string, reference: string, customer: E164, agent: E164, now: Date): Promise<OldOrder> {
    const [customerId, agentId] = [randomUUID(), randomUUID()];
    const [of, by] = [vault.seal(customer, phoneOf(customerId)), vault.seal(agent, phoneOf(agentId))];
    const dueAt = new Date(now.getTime() + 86_400_000);
    const id = await this.transaction(async () => {
      const placing = [reference, poolId, 86_400, 0, 0, 0, now, dueAt];
      const [{ id }] = (await this.run('placeOrder', placing)) as [{ id: string }];
      await this.run('insertParticipant', [id, customerId, 'customer', of.phone, of.phoneKey, now]);
      return id;
    });
    return this.transaction(async () => {
      await this.run('lockOrder', [reference]);
      await this.run('currentParticipants', [id]);
      const [dials] = (await this.run('assignBothSides', [
        ...[id, poolId, now, dueAt, lot(), lot(), of.phoneKey, customerId, of.phone, by.phoneKey, agentId, by.phone],
      ])) as [{ customer: E164; agent: E164 } | undefined];
      if (!dials) throw new Error('The pool has no two numbers.');
      const moving = [id, 'active', dueAt, 'order.agent-assigned', now, dueAt, now, null, null];
      await this.run('joinAndMoveOrder', [...moving, agentId, 'agent', by.phone, by.phoneKey, now]);
      return { id, reference, customer, agent, customerDials: dials.customer, agentDials: dials.agent };
    });
  }

  /** @returns whom a call rings, opened */
  async call(from: E164, to: E164): Promise<{ rings: E164; role: string } | null> {
    const [found] = (await this.run('findAssignment', [vault.keyOf(to), vault.keyOf(from)])) as {
      calleeId: string;
      calleePhone: Buffer;
      diallerRole: string;
    }[];
    return found ? { rings: vault.open(found.calleePhone, phoneOf(found.calleeId)), role: found.diallerRole } : null;
  }

  /** Completes an order without grace: closes its assignments, and releases its numbers. */
  async complete({ id, reference }: Pick<OldOrder, 'id' | 'reference'>, now: Date): Promise<void> {
    await this.transaction(async () => {
      await this.run('lockOrder', [reference]);
      await this.run('moveOrder', [id, 'ended', null, 'order.completed', now, now, null, now, 'completed']);
      await this.run('closeAssignments', [now, now, [id], null, null]);
      await this.run('releaseNumbers', [now, [id], null, null]);
    });
  }

  /** Moves what is over into history. */
  async archive(now: Date, limit = 50): Promise<number> {
    return this.transaction(async () => (await this.run('archiveAssignments', [now, limit])).length);
  }

  async end(): Promise<void> {
    await this.client.end();
  }

  private async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query('START TRANSACTION');
    try {
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (failure) {
      await this.client.query('ROLLBACK');
      throw failure;
    }
  }

  private async run(name: keyof typeof STATEMENTS, values: unknown[]): Promise<unknown[]> {
    const begun = performance.now();
    const { rows } = await this.client.query({ name, text: STATEMENTS[name], values });
    this.longestMs = Math.max(this.longestMs, performance.now() - begun);
    this.statements += 1;
    return rows;
  }
}

function lot(): number {
  return Math.floor(Math.random() * (2 ** 31 - 1));
}

const ORDER = `
  orders.id, orders.reference, orders.pool_id AS "poolId", orders.status,
  orders.lifetime_seconds AS "lifetimeSeconds", orders.grace_seconds AS "graceSeconds",
  orders.cancel_grace_seconds AS "cancelGraceSeconds", orders.quarantine_seconds AS "quarantineSeconds",
  orders.placed_at AS "placedAt", orders.active_at AS "activeAt", orders.closed_at AS "closedAt",
  orders.connects_until AS "connectsUntil", orders.ended_because AS "endedBecause", orders.due_at AS "dueAt"`;

const MOVE_AND_RECORD = `
    moved AS (
      UPDATE orders
      SET status = $2, due_at = $3,
          connects_until = CASE WHEN $2 <> 'awaiting-numbers' THEN COALESCE($6, orders.connects_until) END,
          active_at = COALESCE($7, orders.active_at), closed_at = COALESCE($8, orders.closed_at),
          ended_because = COALESCE($9, orders.ended_because)
      WHERE orders.id = $1
      RETURNING orders.id
    )
    INSERT INTO order_events (order_id, kind, at) SELECT moved.id, $4, $5 FROM moved`;

const fits = (dialler: string, besides: string, provider: string) => `number.pool_id = $2 AND number.assignable
      AND number.number <> ${besides}${provider}
      AND number.number <> ALL (SELECT held.virtual_number FROM assignments AS held
                                WHERE held.dialler_key = ${dialler})`;

const pick = (name: string, lot: string, dialler: string, besides: string, provider = '') => `
  ${name}_near AS MATERIALIZED (
    SELECT near.number, near.last_assigned_at, near.lot
    FROM (
      (SELECT number.number, number.last_assigned_at, number.lot FROM virtual_numbers AS number
       WHERE ${fits(dialler, besides, provider)} AND number.lot >= ${lot}
       ORDER BY number.lot LIMIT 8)
      UNION ALL
      (SELECT number.number, number.last_assigned_at, number.lot FROM virtual_numbers AS number
       WHERE ${fits(dialler, besides, provider)} AND number.lot < ${lot}
       ORDER BY number.lot LIMIT 8)
      LIMIT 8
    ) AS near
    ORDER BY near.last_assigned_at NULLS FIRST, near.lot
  ), ${name} AS MATERIALIZED (
    SELECT number.number, number.provider
    FROM ${name}_near AS near
    JOIN virtual_numbers AS number ON number.number = near.number AND number.assignable
    ORDER BY near.last_assigned_at NULLS FIRST, near.lot
    LIMIT 1
    FOR NO KEY UPDATE OF number SKIP LOCKED
  )`;

const STATEMENTS = {
  placeOrder: `
    WITH placed AS (
      INSERT INTO orders (reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                          quarantine_seconds, placed_at, due_at)
      VALUES ($1, $2, 'placed', $3, $4, $5, $6, $7, $8)
      ON CONFLICT (reference) DO NOTHING
      RETURNING id
    ), recorded AS (
      INSERT INTO order_events (order_id, kind, at) SELECT placed.id, 'order.placed', $7 FROM placed
    )
    SELECT placed.id FROM placed`,
  insertParticipant: `
    INSERT INTO participants (order_id, id, role, phone, phone_key, joined_at) VALUES ($1, $2, $3, $4, $5, $6)`,
  lockOrder: `SELECT ${ORDER} FROM orders WHERE orders.reference = $1 FOR UPDATE`,
  currentParticipants: `
    SELECT participant.id AS "participantId", participant.role, participant.phone, participant.phone_key AS "phoneKey",
           participant.joined_at AS "joinedAt",
           EXISTS (SELECT FROM participant_phones AS other
                   WHERE other.participant_id = participant.id) AS "hasAlternates"
    FROM participants AS participant
    WHERE participant.order_id = $1 AND participant.left_at IS NULL`,
  assignBothSides: `
  WITH ${pick('customer', '$5', '$7', `''`)},
  ${pick(
    'agent',
    '$6',
    '$10',
    '(SELECT customer.number FROM customer)',
    ' AND (number.provider = (SELECT customer.provider FROM customer))',
  )},
  taken AS (
    UPDATE virtual_numbers AS number
    SET orders_held = number.orders_held + 1, last_assigned_at = $3::timestamptz
    FROM customer, agent
    WHERE number.number IN (customer.number, agent.number)
  ), written AS (
    INSERT INTO assignments (order_id, assigned_at, connects_until, virtual_number, dialler_key, dialler_id, dialler_role,
                 callee_id, callee_phone, shown_number)
    SELECT $1::uuid, $3::timestamptz, $4::timestamptz, side.*
    FROM customer, agent,
         LATERAL (VALUES
           (customer.number, $7::bytea, $8::uuid, 'customer', $11::uuid, $12::bytea, agent.number),
           (agent.number, $10::bytea, $11::uuid, 'agent', $8::uuid, $9::bytea, customer.number)) AS side
  )
  SELECT customer.number AS customer, agent.number AS agent FROM customer, agent`,
  joinAndMoveOrder: `
    WITH joined AS (
      INSERT INTO participants (id, order_id, role, phone, phone_key, joined_at) VALUES ($10, $1, $11, $12, $13, $14)
    ), ${MOVE_AND_RECORD}`,
  moveOrder: `WITH ${MOVE_AND_RECORD}`,
  findAssignment: `
    SELECT assignment.order_id AS "orderId", assignment.dialler_id AS "diallerId",
           assignment.dialler_role AS "diallerRole", assignment.callee_id AS "calleeId",
           assignment.callee_phone AS "calleePhone", assignment.shown_number AS "shownNumber",
           assignment.connects_until AS "connectsUntil", assignment.quarantined_until IS NOT NULL AS closed,
           assignment.blocked_at IS NOT NULL AS blocked,
           pool.pin, pool.direction, pool.max_call_seconds AS "maxCallSeconds", pool.max_ring_seconds AS "maxRingSeconds",
           pool.max_calls_per_hour AS "maxCallsPerHour", pool.quiet_hours AS "quietHours",
           pool.claim_by_pin AS "claimByPin", pool.record_calls AS "recordCalls"
    FROM assignments AS assignment
    JOIN virtual_numbers AS number ON number.number = assignment.virtual_number
    JOIN pools AS pool ON pool.id = number.pool_id
    WHERE assignment.virtual_number = (SELECT ours.number FROM virtual_number_keys AS ours WHERE ours.phone_key = $1)
      AND assignment.dialler_key = $2`,
  closeAssignments: `
    UPDATE assignments AS assignment
    SET connects_until = $1, quarantined_until = $2
    WHERE assignment.order_id = ANY($3::uuid[]) AND assignment.released_at IS NULL
      AND ($4::uuid IS NULL OR assignment.dialler_id = $5::uuid)`,
  releaseNumbers: `
    WITH released AS (
      UPDATE assignments AS assignment
      SET released_at = $1
      WHERE assignment.order_id = ANY($2::uuid[]) AND assignment.released_at IS NULL
        AND ($3::uuid IS NULL OR assignment.dialler_id = $4::uuid)
      RETURNING assignment.order_id, assignment.virtual_number, assignment.dialler_key
    ), freed AS (
      SELECT released.virtual_number AS number, count(DISTINCT released.order_id)::integer AS orders
      FROM released
      WHERE NOT EXISTS (
        SELECT FROM assignments AS kept
        WHERE kept.order_id = released.order_id AND kept.virtual_number = released.virtual_number
          AND kept.released_at IS NULL
          AND kept.dialler_key NOT IN (SELECT also.dialler_key FROM released AS also
                                       WHERE also.virtual_number = kept.virtual_number))
      GROUP BY released.virtual_number
    ), locked AS MATERIALIZED (
      SELECT number.number, freed.orders, pool.capacity
      FROM virtual_numbers AS number
      JOIN freed ON freed.number = number.number
      JOIN pools AS pool ON pool.id = number.pool_id
      ORDER BY number.number
      FOR NO KEY UPDATE OF number
    )
    UPDATE virtual_numbers AS number
    SET orders_held = number.orders_held - locked.orders,
        capacity = GREATEST(locked.capacity, number.orders_held - locked.orders)
    FROM locked
    WHERE number.number = locked.number`,
  archiveAssignments: `
    WITH over AS (
      SELECT assignment.virtual_number, assignment.dialler_key
      FROM assignments AS assignment
      WHERE assignment.quarantined_until <= $1 AND assignment.released_at IS NOT NULL
      ORDER BY assignment.quarantined_until
      LIMIT $2
      FOR UPDATE SKIP LOCKED
    ), archived AS (
      DELETE FROM assignments AS assignment
      USING over
      WHERE assignment.virtual_number = over.virtual_number AND assignment.dialler_key = over.dialler_key
      RETURNING assignment.*
    ), recorded AS (
    INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_id, shown_number,
                                    assigned_at, connects_until, released_at, quarantined_until)
    SELECT archived.virtual_number, archived.order_id, archived.dialler_id, archived.dialler_role, archived.callee_id,
           archived.shown_number, archived.assigned_at, archived.connects_until, archived.released_at,
           archived.quarantined_until
    FROM archived
    WHERE archived.how_known = 'registered'
    )
    SELECT archived.dialler_id AS "participantId", archived.dialler_key AS "phoneKey" FROM archived`,
} as const;

/** Stores a pool with numbers, and active orders of two people on it, as the previous version would have. */
export async function seedOrders(
  { client }: PreviousVersion,
  { poolId, orders, numbers, now }: { poolId: string; orders: number; numbers: readonly E164[]; now: Date },
): Promise<void> {
  const until = new Date(now.getTime() + 86_400_000);
  await client.query(
    `INSERT INTO pools (id, name, country, provider, capacity, grace_seconds, cancel_grace_seconds, quarantine_seconds,
                        lifetime_seconds, low_water, target, max_numbers, created_at)
     VALUES ($1, 'old', 'IN', 'exotel', 1000000, 0, 0, 0, 86400, 0, 0, 1000, $2)`,
    [poolId, now],
  );
  await client.query(
    `WITH stored AS (
       INSERT INTO virtual_numbers (number, pool_id, provider, status, capacity, created_at)
       SELECT number, $2, 'exotel', 'available', 1000000, $3 FROM unnest($1::text[]) AS number)
     INSERT INTO virtual_number_keys (number, phone_key)
     SELECT * FROM unnest($1::text[], $4::bytea[])`,
    [numbers, poolId, now, numbers.map((number) => vault.keyOf(number))],
  );
  await client.query(
    'CREATE TEMPORARY TABLE seeds (one integer, order_id uuid, customer uuid, agent uuid, numbers text[])',
  );
  await client.query(
    `INSERT INTO seeds SELECT one, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
                              ARRAY[($2::text[])[one % $3 + 1], ($2::text[])[(one + 1) % $3 + 1]]
     FROM generate_series(1, $1::integer) AS one`,
    [orders, numbers, numbers.length],
  );
  await client.query(
    `INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                         quarantine_seconds, placed_at, active_at, connects_until, due_at)
     SELECT order_id, 'seed-' || one, $1, 'active', 86400, 0, 0, 0, $2, $2, $3, $3 FROM seeds`,
    [poolId, now, until],
  );
  const phone = (id: string) =>
    `'\\x4d4c4b32'::bytea || sha256(${id}::text::bytea) || sha256('2' || ${id}::text::bytea)`;
  const phoneKey = (id: string) => `sha256('key' || ${id}::text::bytea)`;
  await client.query(
    `INSERT INTO participants (id, order_id, role, phone, phone_key, joined_at)
     SELECT who.id, order_id, who.role, ${phone('who.id')}, ${phoneKey('who.id')}, $1
     FROM seeds, LATERAL (VALUES (customer, 'customer'), (agent, 'agent')) AS who (id, role)`,
    [now],
  );
  await client.query(
    `INSERT INTO assignments (order_id, assigned_at, connects_until, virtual_number, dialler_key, dialler_id, dialler_role,
                              callee_id, callee_phone, shown_number)
     SELECT order_id, $1, $2, dials, ${phoneKey('dialler')}, dialler, role, callee, ${phone('callee')}, shows
     FROM seeds, LATERAL (VALUES (customer, 'customer', agent, numbers[1], numbers[2]),
                                 (agent, 'agent', customer, numbers[2], numbers[1]))
                   AS side (dialler, role, callee, dials, shows)`,
    [now, until],
  );
  await client.query(
    `UPDATE virtual_numbers AS number SET orders_held = held.orders, last_assigned_at = $1
     FROM (SELECT virtual_number, count(*) AS orders FROM assignments GROUP BY virtual_number) AS held
     WHERE held.virtual_number = number.number`,
    [now],
  );
  await client.query('DROP TABLE seeds');
  // As its archiving does before the first row of a month.
  await client.query(`
    CREATE TABLE IF NOT EXISTS assignment_history_2026_11 PARTITION OF assignment_history
    FOR VALUES FROM ('2026-11-01T00:00:00.000Z') TO ('2026-12-01T00:00:00.000Z')`);
  await client.query('ANALYZE');
}
