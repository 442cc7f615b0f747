import { phoneOf } from '../../../src/phone-number/sealed-place.js';
import { randomUUID } from 'node:crypto';

import { OrdersDueService } from '../../../src/orders/lifecycle/orders-due.service.js';
import { AwaitingOrdersService } from '../../../src/orders/links/awaiting-orders.service.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { TextRoutingService } from '../../../src/telephony/texts/text-routing.service.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { aPhone, API_KEY, numbers, TestApp } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';

const POLICY = { lifetimeSeconds: 3_600, graceSeconds: 600, cancelGraceSeconds: 0, quarantineSeconds: 7_200 };

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(async () => {
  await app?.stop();
});
afterEach(() => expectConservedNumbers(app.dataSource));

let placed = 0;
const aReference = () => `due-${(placed += 1)}`;
const find = async (reference: string) => (await app.api('GET', `/v1/orders/${reference}`)).body;
const complete = (reference: string) => app.api('POST', `/v1/orders/${reference}/complete`);
const endWhatIsDue = () => app.get(OrdersDueService).endWhatIsDue();
const heldOf = async (pool: string) => (await app.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld;
const eventsOf = async (reference: string) =>
  (await app.api('GET', `/v1/orders/${reference}/events`)).body.events.map((event: { kind: string }) => event.kind);

async function anActiveOrder(policy: object = {}, own = numbers(2)) {
  const pool = await app.pool({ ...POLICY, ...policy }, own);
  const [reference, customer, agent] = [aReference(), aPhone(), aPhone()];
  const order = await app.order(reference, customer, agent, { pool });
  expect(order.status).toBe('active');
  return { pool, reference, customer, agent, dials: order.customer.dials, agentDials: order.agent.dials };
}

async function aWaitingOrder() {
  const pool = await app.pool(POLICY);
  const reference = aReference();
  const order = await app.order(reference, aPhone(), aPhone(), { pool });
  expect(order.status).toBe('awaiting-numbers');
  return { pool, reference };
}

async function reasonFor(caller: string, dialled: string): Promise<string> {
  const { callSid } = await app.call(caller, dialled);
  const [row] = await app.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [callSid]);
  return row.reason;
}

async function participantsOf(reference: string) {
  return app.dataSource.query(
    `SELECT id, role, phone, phone_key FROM participants
     WHERE order_id = (SELECT id FROM orders WHERE reference = $1) ORDER BY joined_at, role`,
    [reference],
  );
}

async function rowsOf(table: string, reference: string): Promise<number> {
  return app.count(table, `order_id = (SELECT id FROM orders WHERE reference = '${reference}')`);
}

describe('an order that nobody closes', () => {
  it('closes when its lifetime is over, ends when its grace is, and is history when its pairs have rested', async () => {
    const { pool, reference, customer, agent, dials } = await anActiveOrder();

    await app.pass({ minutes: 59 });
    expect((await find(reference)).status).toBe('active');
    await app.pass({ minutes: 1 });
    expect(await find(reference)).toMatchObject({ status: 'closing', closedAt: app.clock.now().toISOString() });
    expect(await reasonFor(customer, dials)).toBe('CONNECTED_IN_GRACE');
    expect(await heldOf(pool)).toBe(2);

    await app.pass({ minutes: 10 });
    expect(await find(reference)).toMatchObject({ status: 'ended', customer: { dials: null } });
    expect(await heldOf(pool)).toBe(0);
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    expect(await rowsOf('assignments', reference)).toBe(2);

    await app.pass({ hours: 2 });
    expect(await rowsOf('assignments', reference)).toBe(0);
    expect(await rowsOf('assignment_history', reference)).toBe(2);
    expect(await participantsOf(reference)).toEqual([
      { id: expect.any(String), role: 'agent', phone: null, phone_key: null },
      { id: expect.any(String), role: 'customer', phone: null, phone_key: null },
    ]);
    expect(await find(reference)).toMatchObject({ customer: { phone: null }, agent: { phone: null } });
    for (const phone of [customer, agent]) expect(await reasonFor(phone, dials)).toBe('UNKNOWN_CALLER');
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned', 'order.expired', 'order.ended']);
    expect((await app.api('POST', '/v1/orders', { reference, customer: { phone: customer }, pool })).status).toBe(409);
  });

  it('and that never had an agent just ends, and its phone is forgotten', async () => {
    const pool = await app.pool(POLICY);
    const reference = aReference();
    await app.order(reference, aPhone(), undefined, { pool });
    await app.pass({ hours: 1 });
    expect(await find(reference)).toMatchObject({ status: 'ended', connectsUntil: null, customer: { phone: null } });
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.expired']);
  });

  it('and that still awaits numbers ends with both phones forgotten', async () => {
    const pool = await app.pool(POLICY);
    const reference = aReference();
    expect((await app.order(reference, aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
    await app.pass({ hours: 1 });
    expect(await find(reference)).toMatchObject({ status: 'ended', customer: { phone: null }, agent: { phone: null } });
  });

  it('gives its numbers back at once where the pool grants no grace', async () => {
    const { pool, reference, customer, dials } = await anActiveOrder({ graceSeconds: 0 });
    await app.pass({ hours: 1 });
    expect((await find(reference)).status).toBe('ended');
    expect(await heldOf(pool)).toBe(0);
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
  });
});

describe('a number that was given back', () => {
  it('serves other people while its old dialler still hears that the order has ended', async () => {
    const { pool, reference, customer, agent, dials, agentDials } = await anActiveOrder();
    await complete(reference);
    await app.pass({ minutes: 10 });

    const [nextCustomer, nextAgent] = [aPhone(), aPhone()];
    const next = await app.order(aReference(), nextCustomer, nextAgent, { pool });
    expect([next.customer.dials, next.agent.dials].sort()).toEqual([dials, agentDials].sort());
    expect((await app.call(nextCustomer, next.customer.dials)).rings).toEqual([nextAgent]);
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    expect(await reasonFor(agent, agentDials)).toBe('ORDER_ENDED');
  });

  it('is not lent to the same person again before the quarantine is over', async () => {
    const { pool, reference, customer, dials, agentDials } = await anActiveOrder();
    await complete(reference);
    await app.pass({ minutes: 10 });

    const second = await app.order(aReference(), customer, aPhone(), { pool });
    expect(second.customer.dials).toBe(agentDials);
    await app.api('POST', `/v1/orders/${second.reference}/cancel`);
    expect((await app.order(aReference(), customer, aPhone(), { pool })).status).toBe('awaiting-numbers');

    await app.pass({ hours: 2, minutes: -10 });
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    await app.pass({ minutes: 10 });
    expect((await app.order(aReference(), customer, aPhone(), { pool })).customer.dials).toBe(dials);
  });

  it('is free for anybody at once in a pool without quarantine', async () => {
    const { pool, reference, customer, agent } = await anActiveOrder({ quarantineSeconds: 0, graceSeconds: 0 });
    await complete(reference);
    expect(await rowsOf('assignments', reference)).toBe(2);
    await app.pass({ seconds: 0 });
    expect(await rowsOf('assignments', reference)).toBe(0);
    expect((await app.order(aReference(), customer, agent, { pool })).status).toBe('active');
  });
});

describe('a job that is late', () => {
  it('changes no decision about a call: the instants in the rows decide', async () => {
    const { reference, customer, agent, dials, agentDials } = await anActiveOrder();
    app.clock.push({ minutes: 69, seconds: 59 });
    expect((await app.call(customer, dials)).rings).toEqual([agent]);
    app.clock.push({ seconds: 1 });
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    expect(await reasonFor(agent, agentDials)).toBe('ORDER_ENDED');
    expect((await find(reference)).status).toBe('active');
  });

  it('connects no call, ordered call or text after lifetime and grace, and gives its numbers to nobody else', async () => {
    const { pool, reference, customer, agent, dials, agentDials } = await anActiveOrder();
    app.clock.push({ hours: 1, minutes: 10 });
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    const text = {
      provider: 'exotel' as const,
      providerMessageId: randomUUID(),
      dialled: [agentDials as E164],
      sender: agent as E164,
      body: 'Where are you?',
      media: 0,
      optOut: null,
    } as const;
    expect(await app.get(TextRoutingService).route(text)).toMatchObject({ decision: 'drop', reason: 'ORDER_ENDED' });
    const key = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': reference };
    const ordered = await app.request('POST', `/v1/orders/${reference}/calls`, key, { from: 'agent' });
    expect(ordered).toMatchObject({ status: 409, text: expect.stringContaining('ORDER_ENDED') });
    const explained = await app.api('POST', '/v1/routing/explain', { from: customer, to: dials });
    expect(explained.body).toMatchObject({ decision: 'refuse', reason: 'ORDER_ENDED' });

    app.clock.push({ hours: 4 }); // lifetime, grace and quarantine are over
    expect(await heldOf(pool)).toBe(2);
    expect((await app.order(aReference(), customer, agent, { pool })).status).toBe('awaiting-numbers');
    await endWhatIsDue();
    expect((await app.order(aReference(), customer, agent, { pool })).status).toBe('active');
  });

  it('closes an order as of when its lifetime was over, not of when it noticed', async () => {
    const { reference } = await anActiveOrder();
    const placedAt = app.clock.now().getTime();
    await app.pass({ minutes: 65 });
    const { closedAt, connectsUntil } = await find(reference);
    expect([Date.parse(closedAt) - placedAt, Date.parse(connectsUntil) - placedAt]).toEqual([3_600_000, 4_200_000]);
  });

  it('lets nobody complete an order whose lifetime is over, and so ring people again', async () => {
    const { reference, customer, dials } = await anActiveOrder();
    app.clock.push({ hours: 2 });
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    expect((await complete(reference)).status).toBe(200);
    expect(await reasonFor(customer, dials)).toBe('ORDER_ENDED');
    await endWhatIsDue();
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned', 'order.expired', 'order.ended']);
  });

  it('does not keep an order open for an agent, another phone or numbers that come after its lifetime', async () => {
    const { reference } = await anActiveOrder({}, numbers(4));
    const { reference: waiting, pool } = await aWaitingOrder();
    app.clock.push({ hours: 1 });
    expect((await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: aPhone() })).status).toBe(409);
    expect((await app.api('PATCH', `/v1/orders/${reference}/participants/customer`, { phone: aPhone() })).status).toBe(
      409,
    );
    await app.api('POST', '/v1/numbers/import', { pool, numbers: numbers(2).map((number) => ({ number })) });
    const { id } = await app.get(PoolsService).byName(pool);
    expect(await app.get(AwaitingOrdersService).finishAwaiting(id)).toEqual({ finished: 0, waiting: 0 });
    expect(await eventsOf(waiting)).toEqual(['order.placed', 'order.awaiting-numbers', 'order.expired']);
  });

  it('keeps nobody from reopening an order within the grace after its lifetime', async () => {
    const { reference, customer, agent, dials } = await anActiveOrder();
    app.clock.push({ minutes: 65 });
    expect(await app.api('POST', `/v1/orders/${reference}/reopen`)).toMatchObject({
      status: 200,
      body: { status: 'active' },
    });
    await app.pass({ minutes: 50 });
    expect((await app.call(customer, dials)).rings).toEqual([agent]);
  });

  it('makes up for all it missed in one go, to the archive', async () => {
    await app.pass({ days: 3 });
    const { pool, reference } = await anActiveOrder();
    app.clock.push({ days: 1 });
    const { freedPools, ...done } = await endWhatIsDue();
    expect(done).toEqual({ expired: 1, ended: 1, archived: 2 });
    expect(freedPools.size).toBe(1);
    expect((await find(reference)).status).toBe('ended');
    expect(await heldOf(pool)).toBe(0);
    expect(await rowsOf('assignments', reference)).toBe(0);
    expect(await endWhatIsDue()).toMatchObject({ expired: 0, ended: 0, archived: 0 });
  });
});

describe('many orders at once', () => {
  /** Orders in grace, each with its own two numbers, as if the services had brought them there. */
  async function closingOrders(count: number): Promise<string> {
    await app.pass({ days: 3 });
    const pool = await app.pool({ ...POLICY, graceSeconds: 60 });
    const { id } = (await app.dataSource.query('SELECT id FROM pools WHERE name = $1', [pool]))[0];
    await app.dataSource.query(
      `WITH placed AS (
         INSERT INTO orders (reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                             quarantine_seconds, placed_at, connects_until, closed_at, ended_because, due_at)
         SELECT $1 || '-' || one, $2, 'closing', 60, 60, 0, 60, $3, $3, $3, 'completed', $3 FROM generate_series(1, $4) AS one
         RETURNING id, reference
       ), people AS (
         INSERT INTO participants (order_id, role, phone, phone_key, joined_at)
         SELECT placed.id, side.role, '\\x00', sha256((placed.reference || side.role)::bytea), $3
         FROM placed CROSS JOIN (VALUES ('customer'), ('agent')) AS side (role)
         RETURNING id, order_id, role, phone_key
       ), lent AS (
         INSERT INTO virtual_numbers (number, pool_id, provider, status, orders_held, capacity, created_at)
         SELECT '+91' || (8100000000 + row_number() OVER () + $5::bigint * 10000), $2, 'exotel', 'available', 1, 1, $3 FROM people
         RETURNING number
       )
       INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                                shown_number, assigned_at, connects_until, quarantined_until)
       SELECT lent.number, people.phone_key, people.order_id, people.id, people.role, gen_random_uuid(), '\\x00',
              lent.number, $3, $3, $3
       FROM (SELECT row_number() OVER () AS one, people.* FROM people) AS people
       JOIN (SELECT row_number() OVER () AS one, lent.* FROM lent) AS lent USING (one)`,
      [pool, id, app.clock.now(), count, (placed += 1)],
    );
    return pool;
  }

  it('end and are archived in small batches, all of them', async () => {
    const pool = await closingOrders(320);
    expect(await heldOf(pool)).toBe(640);
    expect(await endWhatIsDue()).toMatchObject({ expired: 0, ended: 320, archived: 640 });
    expect(await heldOf(pool)).toBe(0);
    expect(await app.count('participants', `phone IS NOT NULL AND phone = '\\x00'`)).toBe(0);
  });

  it('end once, though two processes are at it', async () => {
    const pool = await closingOrders(250);
    const [one, other] = await Promise.all([endWhatIsDue(), endWhatIsDue()]);
    expect(one.ended + other.ended).toBe(250);
    expect(one.archived + other.archived).toBe(500);
    expect(await heldOf(pool)).toBe(0);
    expect(
      await app.count(
        'order_events',
        `kind = 'order.ended' AND order_id IN (SELECT id FROM orders
      WHERE reference LIKE '${pool}-%')`,
      ),
    ).toBe(250);
    expect(
      await app.count(
        'assignment_history',
        `order_id IN (SELECT id FROM orders
      WHERE reference LIKE '${pool}-%')`,
      ),
    ).toBe(500);
  });
});

describe('a phone', () => {
  it('of an agent who was replaced is forgotten when that pair has rested, the others stay', async () => {
    const { reference, customer } = await anActiveOrder({ lifetimeSeconds: 90_000 }, numbers(3));
    const next = aPhone();
    const { body } = await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: next });
    await app.pass({ hours: 2 });
    const phones = (await participantsOf(reference)).map((one: { id: string; phone: Buffer | null }) =>
      one.phone === null ? null : app.vault.open(one.phone, phoneOf(one.id)),
    );
    expect(new Set(phones)).toEqual(new Set([null, customer, next]));
    expect((await app.call(customer, body.customer.dials)).rings).toEqual([next]);
  });

  it('of somebody still on the order stays, though an earlier pair of theirs has rested', async () => {
    const own = numbers(2);
    const { pool, reference, customer, agent } = await anActiveOrder({ lifetimeSeconds: 90_000 }, own);
    // Two numbers, both resting from the first agent at the third change: the order goes back to waiting.
    for (const phone of [aPhone(), agent, aPhone()]) {
      expect((await app.api('PUT', `/v1/orders/${reference}/agent`, { phone })).status).toBe(200);
    }
    expect((await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent })).status).toBe(202);
    const more = numbers(2);
    await app.api('POST', '/v1/numbers/import', { pool, numbers: more.map((number) => ({ number })) });
    expect((await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent })).status).toBe(200);

    await app.pass({ hours: 3 });
    expect((await find(reference)).customer.phone).not.toBeNull();
    const last = aPhone();
    const { status, body } = await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: last });
    expect(status).toBe(200);
    expect((await app.call(last, body.agent.dials)).rings).toEqual([customer]);
  });
});
