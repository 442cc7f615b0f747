import { aPhone, numbers, TestApp } from '../../support/app.js';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterAll(() => maskline.stop());

let count = 0;
async function anOrder(more: object = {}, owned = numbers(4)) {
  const pool = await maskline.pool({ graceSeconds: 600, ...more }, owned);
  const [customer, agent, reference] = [aPhone(), aPhone(), `mid-${(count += 1)}`];
  const order = await maskline.order(reference, customer, agent, { pool });
  return {
    pool,
    owned,
    customer,
    agent,
    reference,
    customerDials: order.customer.dials,
    agentDials: order.agent.dials,
  };
}
const correct = (reference: string, role: string, phone: string) =>
  maskline.api('PATCH', `/v1/orders/${reference}/participants/${role}`, { phone });
const held = async (pool: string) => (await maskline.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld;

describe('a phone corrected in mid-order', () => {
  it.each(['customer', 'agent'] as const)('keeps both numbers on both screens (%s)', async (role) => {
    const order = await anOrder();
    const [old, other] = role === 'customer' ? [order.customer, order.agent] : [order.agent, order.customer];
    const [dials, otherDials] =
      role === 'customer' ? [order.customerDials, order.agentDials] : [order.agentDials, order.customerDials];
    const phone = aPhone();
    const answer = await correct(order.reference, role, phone);
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'active', customer: { dials: order.customerDials }, agent: { dials: order.agentDials } },
    });
    expect(await maskline.call(phone, dials)).toMatchObject({ rings: [other], shows: otherDials });
    expect(await maskline.call(other, otherDials)).toMatchObject({ rings: [phone], shows: dials });
    expect((await maskline.call(old, dials)).rings).toEqual([]);
    const { body } = await maskline.api('GET', `/v1/orders/${order.reference}/interactions`);
    expect(body.interactions.at(-1)).toMatchObject({ from: role, reason: 'ORDER_ENDED' });
    expect(await held(order.pool)).toBe(2);
  });

  it('gets another number where its pair with the old one is taken', async () => {
    const owned = numbers(3);
    const order = await anOrder({ capacity: 5 }, owned);
    // Somebody whose pairs with this order's numbers rest or are in use: only the third number is free for that phone.
    const busy = aPhone();
    for (const number of [order.customerDials, order.agentDials]) {
      await maskline.dataSource.query(
        `INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                                  shown_number, assigned_at, connects_until, released_at, quarantined_until)
         SELECT $1, $2, order_id, gen_random_uuid(), 'customer', gen_random_uuid(), callee_phone, shown_number, assigned_at,
                assigned_at, assigned_at, assigned_at + interval '1 day'
         FROM assignments WHERE order_id = (SELECT id FROM orders WHERE reference = $3) LIMIT 1`,
        [number, maskline.vault.keyOf(busy as never), order.reference],
      );
    }
    const { body } = await correct(order.reference, 'customer', busy);
    const third = owned.find((number) => ![order.customerDials, order.agentDials].includes(number));
    expect(body.customer.dials).toBe(third);
    expect(await maskline.call(order.agent, order.agentDials)).toMatchObject({ rings: [busy], shows: third });
    expect(await maskline.call(busy, third!)).toMatchObject({ rings: [order.agent] });
    expect(await held(order.pool)).toBe(2);
  });

  it('changes nothing when there is no number for it: 503', async () => {
    const order = await anOrder({ capacity: 5 }, numbers(1));
    const busy = aPhone();
    await maskline.dataSource.query(
      `INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                                shown_number, assigned_at, connects_until, released_at, quarantined_until)
       SELECT virtual_number, $1, order_id, gen_random_uuid(), 'customer', gen_random_uuid(), callee_phone, shown_number,
              assigned_at, assigned_at, assigned_at, assigned_at + interval '1 day'
       FROM assignments WHERE order_id = (SELECT id FROM orders WHERE reference = $2) LIMIT 1`,
      [maskline.vault.keyOf(busy as never), order.reference],
    );
    expect(await correct(order.reference, 'customer', busy)).toMatchObject({
      status: 503,
      body: { type: '/problems/pool-dry' },
    });
    expect((await maskline.call(order.customer, order.customerDials)).rings).toEqual([order.agent]);
  });

  it('may be corrected before there is a number, and is then the one that gets it', async () => {
    const pool = await maskline.pool({}, numbers(2));
    const [right, agent] = [aPhone(), aPhone()];
    await maskline.order('placed-only', aPhone(), undefined, { pool });
    expect(await correct('placed-only', 'customer', right)).toMatchObject({ status: 200, body: { status: 'placed' } });
    const { body } = await maskline.api('PUT', '/v1/orders/placed-only/agent', { phone: agent });
    expect((await maskline.call(right, body.customer.dials)).rings).toEqual([agent]);
  });

  it('says what is wrong', async () => {
    const { reference, customer, agent, customerDials } = await anOrder();
    expect(await correct(reference, 'customer', customer)).toMatchObject({ status: 200 });
    expect(await correct(reference, 'customer', agent)).toMatchObject({
      status: 422,
      body: { type: '/problems/same-phone' },
    });
    expect(await correct(reference, 'customer', customerDials)).toMatchObject({ status: 422 });
    expect(await correct(reference, 'driver', aPhone())).toMatchObject({ status: 404 });
    expect(await correct(reference, 'Driver', aPhone())).toMatchObject({ status: 400 });
    expect(await correct('nowhere', 'customer', aPhone())).toMatchObject({ status: 404 });
    await maskline.order('agentless', aPhone(), undefined, { pool: await maskline.pool() });
    expect(await correct('agentless', 'agent', aPhone())).toMatchObject({
      status: 409,
      body: { type: '/problems/no-agent-yet' },
    });
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    expect(await correct(reference, 'customer', aPhone())).toMatchObject({
      status: 409,
      body: { type: '/problems/order-closed' },
    });
  });

  it('keeps the phone of the order while the old one’s pair is archived', async () => {
    const order = await anOrder({ lifetimeSeconds: 7 * 24 * 3600 });
    const phone = aPhone();
    await correct(order.reference, 'customer', phone);
    await maskline.pass({ days: 2 });
    expect((await maskline.call(phone, order.customerDials)).rings).toEqual([order.agent]);
    const { callSid } = await maskline.call(order.agent, order.agentDials);
    expect(await maskline.call(order.agent, order.agentDials, callSid)).toMatchObject({ rings: [phone] }); // asked again
  });
});

describe('an order reopened', () => {
  const reopen = (reference: string) => maskline.api('POST', `/v1/orders/${reference}/reopen`);

  it('within its grace is active for another lifetime, with the numbers it had', async () => {
    const order = await anOrder({ lifetimeSeconds: 3600 });
    await maskline.api('POST', `/v1/orders/${order.reference}/complete`);
    maskline.clock.push({ minutes: 9 });
    const { status, body } = await reopen(order.reference);
    expect({ status, ...body }).toMatchObject({
      status: 'active',
      closedAt: null,
      customer: { dials: order.customerDials },
      agent: { dials: order.agentDials },
    });
    await maskline.pass({ minutes: 59 });
    expect((await maskline.call(order.customer, order.customerDials)).rings).toEqual([order.agent]);
    await maskline.pass({ minutes: 12 });
    expect((await maskline.call(order.customer, order.customerDials)).rings).toEqual([]);
    expect((await maskline.api('GET', `/v1/orders/${order.reference}`)).body.status).toBe('ended');
    expect(await held(order.pool)).toBe(0);
  });

  it('after its lifetime is active again too', async () => {
    const order = await anOrder({ lifetimeSeconds: 3600 });
    await maskline.pass({ minutes: 65 });
    expect((await reopen(order.reference)).body.status).toBe('active');
    await maskline.pass({ minutes: 30 });
    expect((await maskline.call(order.agent, order.agentDials)).rings).toEqual([order.customer]);
  });

  it('twice is open once, and closing it again works as the first time', async () => {
    const order = await anOrder();
    await maskline.api('POST', `/v1/orders/${order.reference}/complete`);
    await reopen(order.reference);
    expect((await reopen(order.reference)).status).toBe(200);
    await maskline.api('POST', `/v1/orders/${order.reference}/cancel`);
    expect((await maskline.call(order.customer, order.customerDials)).rings).toEqual([]);
    expect(await held(order.pool)).toBe(0);
  });

  it('after its grace, or without any, is refused: 409', async () => {
    const [late, cancelled] = [await anOrder(), await anOrder()];
    await maskline.api('POST', `/v1/orders/${late.reference}/complete`);
    maskline.clock.push({ minutes: 10 });
    expect(await reopen(late.reference)).toMatchObject({ status: 409, body: { type: '/problems/not-in-grace' } });
    await maskline.api('POST', `/v1/orders/${cancelled.reference}/cancel`);
    expect(await reopen(cancelled.reference)).toMatchObject({ status: 409 });
    expect(await reopen('nowhere')).toMatchObject({ status: 404 });
  });
});
