import { AwaitingOrdersService } from '../../../src/orders/links/awaiting-orders.service.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { aNumber, aPhone, numbers, TestApp } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';

const POLICY = { lifetimeSeconds: 90_000, graceSeconds: 600, cancelGraceSeconds: 0, quarantineSeconds: 7_200 };

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(async () => {
  await app?.stop();
});
afterEach(() => expectConservedNumbers(app.dataSource));

let placed = 0;
const aReference = () => `waiting-${(placed += 1)}`;
const find = async (reference: string) => (await app.api('GET', `/v1/orders/${reference}`)).body;
const statusOf = async (reference: string) => (await find(reference)).status;
const assign = (reference: string, phone: string) => app.api('PUT', `/v1/orders/${reference}/agent`, { phone });
const cancel = (reference: string) => app.api('POST', `/v1/orders/${reference}/cancel`);
const eventsOf = async (reference: string) =>
  (await app.api('GET', `/v1/orders/${reference}/events`)).body.events.map((event: { kind: string }) => event.kind);

async function arrive(pool: string, own: readonly string[]): Promise<void> {
  await app.api('POST', '/v1/numbers/import', { pool, numbers: own.map((number) => ({ number })) });
}

async function finishAwaiting(pool: string) {
  const { id } = await app.get(PoolsService).byName(pool);
  return app.get(AwaitingOrdersService).finishAwaiting(id);
}

async function aWaitingOrder(pool: string, customer = aPhone(), agent = aPhone()) {
  app.clock.push({ seconds: 1 });
  const reference = aReference();
  const order = await app.order(reference, customer, agent, { pool });
  expect(order.status).toBe('awaiting-numbers');
  return { reference, customer, agent };
}

describe('an order that awaits numbers', () => {
  it('gets them as they arrive, and calls connect', async () => {
    const pool = await app.pool(POLICY);
    const { reference, customer, agent } = await aWaitingOrder(pool);
    expect(await finishAwaiting(pool)).toEqual({ finished: 0, waiting: 1 });
    await arrive(pool, numbers(2));
    expect(await finishAwaiting(pool)).toEqual({ finished: 1, waiting: 0 });
    const order = await find(reference);
    expect(order).toMatchObject({ status: 'active', activeAt: app.clock.now().toISOString() });
    expect((await app.call(customer, order.customer.dials)).rings).toEqual([agent]);
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.awaiting-numbers', 'order.agent-assigned']);
    expect(await finishAwaiting(pool)).toEqual({ finished: 0, waiting: 0 });
  });

  it('is served before a younger one', async () => {
    const pool = await app.pool(POLICY);
    const [oldest, middle, youngest] = [
      await aWaitingOrder(pool),
      await aWaitingOrder(pool),
      await aWaitingOrder(pool),
    ];
    await arrive(pool, numbers(4));
    expect(await finishAwaiting(pool)).toEqual({ finished: 2, waiting: 1 });
    expect(await statusOf(oldest.reference)).toBe('active');
    expect(await statusOf(middle.reference)).toBe('active');
    expect(await statusOf(youngest.reference)).toBe('awaiting-numbers');
  });

  it('is asked for again with the same agent, and served if numbers have come meanwhile', async () => {
    const pool = await app.pool(POLICY);
    const { reference, agent } = await aWaitingOrder(pool);
    expect((await assign(reference, agent)).status).toBe(202);
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.awaiting-numbers']);
    await arrive(pool, numbers(2));
    expect((await assign(reference, agent)).status).toBe(200);
  });

  it('may get another agent while it waits, of whom alone it then knows the phone', async () => {
    const pool = await app.pool(POLICY);
    const { reference, customer, agent } = await aWaitingOrder(pool);
    const next = aPhone();
    expect((await assign(reference, next)).status).toBe(202);
    await arrive(pool, numbers(2));
    await finishAwaiting(pool);
    const order = await find(reference);
    expect((await app.call(customer, order.customer.dials)).rings).toEqual([next]);
    expect(await app.count('participants', `phone_key = '\\x${app.vault.keyOf(agent as never).toString('hex')}'`)).toBe(
      0,
    );
  });

  it('that is cancelled gets none, and its phones are forgotten', async () => {
    const pool = await app.pool(POLICY);
    const { reference } = await aWaitingOrder(pool);
    expect((await cancel(reference)).body).toMatchObject({ status: 'ended', customer: { phone: null } });
    await arrive(pool, numbers(2));
    expect(await finishAwaiting(pool)).toEqual({ finished: 0, waiting: 0 });
  });

  it('is counted once by two that serve it at the same time', async () => {
    const pool = await app.pool(POLICY);
    for (let order = 0; order < 5; order += 1) await aWaitingOrder(pool);
    await arrive(pool, numbers(10));
    const [one, other] = await Promise.all([finishAwaiting(pool), finishAwaiting(pool)]);
    expect(one.finished + other.finished).toBe(5);
  });
});

describe('a pool that is dry for one busy dialler only', () => {
  it('is no obstacle to a younger order of others', async () => {
    const pool = await app.pool(POLICY, numbers(2));
    const busy = aPhone();
    for (let order = 0; order < 2; order += 1) {
      const { reference } = await app.order(aReference(), aPhone(), busy, { pool });
      await cancel(reference);
    }
    expect(
      await app.count(
        'virtual_numbers',
        `status = 'available' AND orders_held = 0 AND pool_id =
      (SELECT id FROM pools WHERE name = '${pool}')`,
      ),
    ).toBe(2);
    const older = await aWaitingOrder(pool, aPhone(), busy);
    const younger = await app.order(aReference(), aPhone(), aPhone(), { pool });
    expect(younger.status).toBe('active');
    await cancel(younger.reference);

    const [waits, waitsToo] = [await aWaitingOrder(pool, aPhone(), busy), aReference()];
    await app.order(waitsToo, aPhone(), undefined, { pool });
    await app.dataSource.query(
      `UPDATE virtual_numbers SET status = 'draining' WHERE pool_id =
      (SELECT id FROM pools WHERE name = $1)`,
      [pool],
    );
    expect((await assign(waitsToo, aPhone())).status).toBe(202);
    await app.dataSource.query(
      `UPDATE virtual_numbers SET status = 'available' WHERE pool_id =
      (SELECT id FROM pools WHERE name = $1)`,
      [pool],
    );
    expect(await finishAwaiting(pool)).toEqual({ finished: 1, waiting: 2 });
    expect(await statusOf(waitsToo)).toBe('active');
    expect(await statusOf(waits.reference)).toBe('awaiting-numbers');

    await arrive(pool, [aNumber()]);
    expect(await finishAwaiting(pool)).toEqual({ finished: 1, waiting: 1 });
    expect(await statusOf(older.reference)).toBe('active');
  });

  it('never breaks a quarantine', async () => {
    const pool = await app.pool(POLICY, numbers(2));
    const busy = aPhone();
    const dialled: string[] = [];
    for (let order = 0; order < 2; order += 1) {
      const { reference, agent } = await app.order(aReference(), aPhone(), busy, { pool });
      dialled.push(agent.dials);
      await cancel(reference);
    }
    const { reference } = await aWaitingOrder(pool, aPhone(), busy);
    expect(await finishAwaiting(pool)).toEqual({ finished: 0, waiting: 1 });
    for (const number of dialled) expect((await app.call(busy, number)).rings).toEqual([]);
    await app.pass({ hours: 2 });
    expect(await finishAwaiting(pool)).toEqual({ finished: 1, waiting: 0 });
    expect(await statusOf(reference)).toBe('active');
  });
});

describe('an agent for whose successor there is no number', () => {
  /** The two numbers of the pool rest from the agent, who is to come back. */
  async function anOrderBackInTheQueue() {
    const pool = await app.pool(POLICY, numbers(2));
    const [reference, customer, agent, stranger] = [aReference(), aPhone(), aPhone(), aPhone()];
    const order = await app.order(reference, customer, agent, { pool });
    for (const phone of [aPhone(), agent]) expect((await assign(reference, phone)).status).toBe(200);
    expect((await assign(reference, stranger)).body).toMatchObject({ status: 'active' });
    const { status, body } = await assign(reference, agent);
    expect(status).toBe(202);
    return { pool, reference, customer, agent, stranger, order, waiting: body };
  }

  it('can no longer be reached, nor reach the customer', async () => {
    const { customer, stranger, order, waiting } = await anOrderBackInTheQueue();
    expect(waiting).toMatchObject({ status: 'awaiting-numbers', customer: { dials: null }, agent: { dials: null } });
    expect((await app.call(customer, order.customer.dials)).rings).toEqual([]);
    for (const number of [order.customer.dials, order.agent.dials]) {
      expect((await app.call(stranger, number)).rings).toEqual([]);
    }
  });

  it('has a successor as soon as numbers arrive', async () => {
    const { pool, reference, customer, agent } = await anOrderBackInTheQueue();
    await arrive(pool, numbers(1));
    expect(await finishAwaiting(pool)).toEqual({ finished: 1, waiting: 0 });
    const order = await find(reference);
    expect((await app.call(customer, order.customer.dials)).rings).toEqual([agent]);
    expect((await app.call(agent, order.agent.dials)).rings).toEqual([customer]);
  });

  it('leaves an order that connects nobody, and says so, when it is cancelled meanwhile', async () => {
    const { reference, waiting } = await anOrderBackInTheQueue();
    expect(waiting.connectsUntil).toBeNull();
    const { body } = await cancel(reference);
    expect(body).toMatchObject({ status: 'ended', connectsUntil: null });
  });
});
