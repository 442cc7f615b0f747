import { aPhone, numbers, TestApp } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';

let app: TestApp;
let pool: string;
const heard: string[] = [];
const phones = new Set<string>();

beforeAll(async () => {
  app = await TestApp.start();
  pool = await app.pool({ graceSeconds: 600, cancelGraceSeconds: 0, quarantineSeconds: 3_600 }, numbers(60));
});
afterAll(async () => {
  await app?.stop();
});
afterEach(() => expectConservedNumbers(app.dataSource));

let placed = 0;
const aReference = () => `order-${(placed += 1)}`;
function somebody(): string {
  const phone = aPhone();
  phones.add(phone);
  return phone;
}

/** Calls the API and remembers what it said. */
async function ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) {
  const answer = await app.api(method, path, body);
  heard.push(answer.text);
  return answer;
}
const place = (reference: string, phone: string, more: object = {}) =>
  ask('POST', '/v1/orders', { reference, customer: { phone }, pool, ...more });
const assign = (reference: string, phone: string) => ask('PUT', `/v1/orders/${reference}/agent`, { phone });
const complete = (reference: string) => ask('POST', `/v1/orders/${reference}/complete`);
const cancel = (reference: string) => ask('POST', `/v1/orders/${reference}/cancel`);
const find = (reference: string) => ask('GET', `/v1/orders/${reference}`);
const eventsOf = async (reference: string) =>
  (await ask('GET', `/v1/orders/${reference}/events`)).body.events.map((event: { kind: string }) => event.kind);

async function anActiveOrder(more: object = {}) {
  const [reference, customer, agent] = [aReference(), somebody(), somebody()];
  await place(reference, customer, more);
  return { reference, customer, agent, order: (await assign(reference, agent)).body };
}

async function reasonFor(caller: string, dialled: string): Promise<string> {
  const { callSid } = await app.call(caller, dialled);
  const [row] = await app.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [callSid]);
  return row.reason;
}

describe('placing an order', () => {
  it('stores it and takes no number yet', async () => {
    const reference = aReference();
    const { status, body } = await place(reference, somebody());
    expect(status).toBe(201);
    expect(body).toEqual({
      reference,
      status: 'placed',
      unconfirmed: false,
      pool,
      pin: 'off',
      texts: 'unavailable',
      placedAt: app.clock.now().toISOString(),
      activeAt: null,
      closedAt: null,
      connectsUntil: null,
      participants: [{ role: 'customer', phone: body.customer.phone, dials: [] }],
      customer: { phone: expect.stringMatching(/^\+91•{8}\d\d$/), dials: null },
      agent: null,
    });
    expect((await find(reference)).body).toEqual(body);
    expect(await eventsOf(reference)).toEqual(['order.placed']);
  });

  it('again changes nothing, however the phone is spelt', async () => {
    const [reference, customer] = [aReference(), somebody()];
    const first = await place(reference, customer);
    const national = await place(reference, customer.replace('+91', '0'));
    expect([first.status, national.status]).toEqual([201, 200]);
    expect(national.body).toEqual(first.body);
    expect(await eventsOf(reference)).toEqual(['order.placed']);
  });

  it('again, when it is active or over, still answers with what it is now', async () => {
    const { reference, customer } = await anActiveOrder();
    expect(await place(reference, customer)).toMatchObject({ status: 200, body: { status: 'active' } });
    await complete(reference);
    expect(await place(reference, customer)).toMatchObject({ status: 200, body: { status: 'closing' } });
  });

  it('again, after the lifetime of its pool was changed, is the same order', async () => {
    const [reference, customer, pool] = [aReference(), somebody(), await app.pool()];
    await place(reference, customer, { pool });
    await app.api('PATCH', `/v1/pools/${pool}`, { lifetimeSeconds: 99 });
    expect((await place(reference, customer, { pool })).status).toBe(200);
    expect((await place(reference, customer, { pool, lifetimeSeconds: 99 })).status).toBe(409);
  });

  it('with other contents under the same reference is refused', async () => {
    const [reference, customer] = [aReference(), somebody()];
    await place(reference, customer);
    for (const other of [
      await place(reference, somebody()),
      await place(reference, customer, { lifetimeSeconds: 77 }),
      await place(reference, customer, { pool: 'default' }),
    ]) {
      expect(other).toMatchObject({ status: 409, body: { type: '/problems/reference-taken', reference } });
    }
  });

  it('goes to the default pool where none is named, and to none that there is not', async () => {
    const reference = aReference();
    expect((await place(reference, somebody(), { pool: undefined })).body.pool).toBe('default');
    const lost = await place(aReference(), somebody(), { pool: 'nowhere' });
    expect(lost).toMatchObject({ status: 404, body: { type: '/problems/pool-not-found' } });
  });

  it('takes its lifetime from the request, else from the pool', async () => {
    const { order: own } = await anActiveOrder({ lifetimeSeconds: 60 });
    const { order: pools } = await anActiveOrder();
    const lasts = (order: { placedAt: string; connectsUntil: string }) =>
      (Date.parse(order.connectsUntil) - Date.parse(order.placedAt)) / 1000;
    expect([lasts(own), lasts(pools)]).toEqual([60 + 600, 86_400 + 600]);
  });

  it.each([
    ['is not valid', '+91900000000'],
    ['is premium rate', '+19002345678'],
    ['is shared cost', '18602667000'],
    ['is a satellite phone', '+881612345678'],
    ['is an emergency number', '112'],
    ['is words', 'call me maybe'],
  ])('is refused when the phone %s, and the phone is not quoted', async (_, phone) => {
    const reference = aReference();
    const answer = await place(reference, phone);
    expect(answer).toMatchObject({ status: 422, body: { type: '/problems/unusable-phone', field: 'customer.phone' } });
    for (const part of [phone, phone.replace(/\D/g, ''), phone.slice(-6)].filter(Boolean)) {
      expect(answer.text).not.toContain(part);
    }
    expect(await find(reference)).toMatchObject({ status: 404, body: { type: '/problems/order-not-found' } });
  });

  it('is refused when the phone is a virtual number of ours, whichever its state', async () => {
    const own = numbers(2);
    await app.pool({}, own);
    await app.api('POST', `/v1/numbers/${own[1]}/retire`);
    for (const number of own) {
      const answer = await place(aReference(), number);
      expect(answer).toMatchObject({ status: 422, body: { type: '/problems/unusable-phone' } });
      expect(answer.body.detail).toContain('virtual number');
      expect(answer.text).not.toContain(number.slice(3));
    }
  });
});

describe('assigning an agent', () => {
  it('gives each side a number that rings the other, who sees a number that rings back', async () => {
    const { customer, agent, order } = await anActiveOrder();
    expect(order).toMatchObject({ status: 'active', activeAt: app.clock.now().toISOString() });
    expect(order.customer.dials).not.toBe(order.agent.dials);
    const there = await app.call(customer, order.customer.dials);
    expect(there).toMatchObject({ rings: [agent], shows: order.agent.dials });
    expect(await app.call(agent, there.shows!)).toMatchObject({ rings: [customer], shows: order.customer.dials });
    expect(await eventsOf(order.reference)).toEqual(['order.placed', 'order.agent-assigned']);
  });

  it('again, with the same agent, changes nothing', async () => {
    const { reference, agent, order } = await anActiveOrder();
    for (const spelling of [agent, agent.replace('+91', '0')]) {
      expect(await assign(reference, spelling)).toMatchObject({ status: 200, body: order });
    }
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned']);
    expect(await app.count('assignments', `order_id = (SELECT id FROM orders WHERE reference = '${reference}')`)).toBe(
      2,
    );
  });

  it('answers 202 when the pool is dry, and nothing is held', async () => {
    const dry = await app.pool();
    const reference = aReference();
    await place(reference, somebody(), { pool: dry });
    const { status, body } = await assign(reference, somebody());
    expect(status).toBe(202);
    expect(body).toMatchObject({
      status: 'awaiting-numbers',
      activeAt: null,
      connectsUntil: null,
      customer: { dials: null },
      agent: { phone: expect.stringMatching(/^\+91•{8}\d\d$/), dials: null },
    });
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.awaiting-numbers']);
  });

  it('is refused on no order, with an unusable phone, and with the phone of the customer', async () => {
    expect(await assign('nowhere', somebody())).toMatchObject({
      status: 404,
      body: { type: '/problems/order-not-found' },
    });
    const [reference, customer] = [aReference(), somebody()];
    await place(reference, customer);
    const unusable = await assign(reference, '+91900000000');
    expect(unusable).toMatchObject({ status: 422, body: { type: '/problems/unusable-phone', field: 'phone' } });
    expect(unusable.text).not.toContain('900000000');
    const same = await assign(reference, customer.replace('+91', '0'));
    expect(same).toMatchObject({ status: 422, body: { type: '/problems/same-phone', reference } });
    const ours = await assign(reference, (await anActiveOrder()).order.agent.dials);
    expect(ours).toMatchObject({ status: 422, body: { type: '/problems/unusable-phone' } });
    expect((await find(reference)).body.status).toBe('placed');
  });

  it.each([
    ['closing', complete],
    ['ended', cancel],
  ])('is refused on an order that is %s', async (status, end) => {
    const { reference } = await anActiveOrder();
    expect((await end(reference)).body.status).toBe(status);
    const answer = await assign(reference, somebody());
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/order-closed', reference } });
  });
});

describe('replacing an agent', () => {
  it("leaves the customer's number as it is and rings the new agent; the old one hears that the order has ended", async () => {
    const { reference, customer, agent, order } = await anActiveOrder();
    const next = somebody();
    const { status, body } = await assign(reference, next);

    expect(status).toBe(200);
    expect(body.customer.dials).toBe(order.customer.dials);
    expect(await app.call(customer, order.customer.dials)).toMatchObject({ rings: [next], shows: body.agent.dials });
    expect((await app.call(next, body.agent.dials)).rings).toEqual([customer]);

    expect((await app.call(agent, order.agent.dials)).rings).toEqual([]);
    expect(await reasonFor(agent, order.agent.dials)).toBe('ORDER_ENDED');
    const [old] = await app.dataSource.query('SELECT * FROM assignments WHERE dialler_key = $1', [
      app.vault.keyOf(agent as never),
    ]);
    expect(old.released_at).toEqual(app.clock.now());
    expect(old.quarantined_until.getTime() - app.clock.now().getTime()).toBe(3_600_000);
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned', 'order.agent-replaced']);
  });

  it('by the one before gives that one another number, as the old pair rests', async () => {
    const { reference, customer, agent, order } = await anActiveOrder();
    await assign(reference, somebody());
    const { body } = await assign(reference, agent);
    expect(body.agent.dials).not.toBe(order.agent.dials);
    expect((await app.call(agent, body.agent.dials)).rings).toEqual([customer]);
    expect(await reasonFor(agent, order.agent.dials)).toBe('ORDER_ENDED');
  });
});

describe('closing an order', () => {
  it('that is complete lets calls connect through its grace', async () => {
    const { reference, customer, agent, order } = await anActiveOrder();
    const { status, body } = await complete(reference);
    expect(status).toBe(200);
    const now = app.clock.now().getTime();
    expect(body).toMatchObject({ status: 'closing', closedAt: new Date(now).toISOString() });
    expect(Date.parse(body.connectsUntil) - now).toBe(600_000);
    expect(body.customer.dials).toBe(order.customer.dials);
    expect((await app.call(customer, order.customer.dials)).rings).toEqual([agent]);
    expect(await reasonFor(agent, order.agent.dials)).toBe('CONNECTED_IN_GRACE');
  });

  it('that is cancelled ends it at once where the pool grants no grace, and gives its numbers back', async () => {
    const { reference, customer, agent, order } = await anActiveOrder();
    const { body } = await cancel(reference);
    expect(body).toMatchObject({ status: 'ended', customer: { dials: null }, agent: { dials: null } });
    expect(body.connectsUntil).toBe(body.closedAt);
    for (const [caller, dialled] of [
      [customer, order.customer.dials],
      [agent, order.agent.dials],
    ]) {
      expect(await reasonFor(caller, dialled)).toBe('ORDER_ENDED');
    }
    expect(await app.count('virtual_numbers', `number = '${order.customer.dials}' AND orders_held > 0`)).toBe(0);
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned', 'order.cancelled']);
  });

  it('that is cancelled in a pool with grace for it closes as a complete one', async () => {
    const kind = await app.pool({ cancelGraceSeconds: 60 }, numbers(2));
    const { reference } = await anActiveOrder({ pool: kind });
    const { body } = await cancel(reference);
    expect(body.status).toBe('closing');
    expect(Date.parse(body.connectsUntil) - Date.parse(body.closedAt)).toBe(60_000);
  });

  it.each([
    ['completed', complete, 'order.completed'],
    ['cancelled', cancel, 'order.cancelled'],
  ])('again, whichever way, leaves it as it was first %s', async (because, first, event) => {
    const { reference } = await anActiveOrder();
    const { body } = await first(reference);
    for (const again of [complete, cancel]) expect(await again(reference)).toMatchObject({ status: 200, body });
    const [{ ended_because }] = await app.dataSource.query('SELECT ended_because FROM orders WHERE reference = $1', [
      reference,
    ]);
    expect(ended_because).toBe(because);
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned', event]);
  });

  it.each([
    ['complete', complete],
    ['cancelled', cancel],
  ])('that never had an agent, when it is %s, ends it at once and forgets the phone', async (_, end) => {
    const reference = aReference();
    await place(reference, somebody());
    const { body } = await end(reference);
    expect(body).toMatchObject({ status: 'ended', connectsUntil: null, customer: { phone: null, dials: null } });
    expect(body.closedAt).toBe(app.clock.now().toISOString());
  });

  it('that there is not is not found', async () => {
    for (const end of [complete, cancel]) {
      expect(await end('nowhere')).toMatchObject({ status: 404, body: { type: '/problems/order-not-found' } });
    }
  });
});

describe('orders', () => {
  it('are listed newest first, page by page, each once, even those placed in one instant', async () => {
    app.clock.push({ minutes: 1 });
    const references = Array.from({ length: 7 }, aReference);
    for (const [index, reference] of references.entries()) {
      if (index === 4) app.clock.push({ seconds: 1 });
      await place(reference, somebody());
    }
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 4; page += 1) {
      const { body } = await ask('GET', `/v1/orders?limit=2${cursor}`);
      seen.push(...body.orders.map((order: { reference: string }) => order.reference));
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(new Set(seen.slice(0, 3))).toEqual(new Set(references.slice(4)));
    expect(new Set(seen.slice(3, 7))).toEqual(new Set(references.slice(0, 4)));
  });

  it('are listed by status, and the last page says so', async () => {
    const { reference } = await anActiveOrder();
    await complete(reference);
    const { body } = await ask('GET', '/v1/orders?status=closing&limit=500');
    expect(body.nextCursor).toBeNull();
    expect(body.orders.map((order: { reference: string }) => order.reference)).toContain(reference);
    expect(new Set(body.orders.map((order: { status: string }) => order.status))).toEqual(new Set(['closing']));
  });

  it('have events only where there is an order', async () => {
    expect(await ask('GET', '/v1/orders/nowhere/events')).toMatchObject({ status: 404 });
    expect(await find('nowhere')).toMatchObject({ status: 404 });
  });

  it('have their people found by an index, those who left too, however many others there are', async () => {
    const plan = await app.dataSource.transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off'); // so few rows are else read whole
      return tx.query(`EXPLAIN SELECT * FROM participants WHERE order_id = '00000000-0000-4000-8000-000000000000'`);
    });
    expect(JSON.stringify(plan)).toContain('participants_by_order');
  });
});

it('no answer above held a phone of anybody, in any spelling', () => {
  expect(heard.length).toBeGreaterThan(100);
  for (const phone of phones) {
    expect(heard.filter((text) => text.includes(phone.slice(3)))).toEqual([]);
  }
});
