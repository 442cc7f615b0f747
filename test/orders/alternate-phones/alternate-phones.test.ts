import { aPhone, aNumber, numbers, TestApp } from '../../support/app.js';
import { anOrder, caller, participant, problem } from '../../telephony/calling.js';

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start();
  call = caller(maskline);
});
afterAll(() => maskline.stop());

const complete = (reference: string) => maskline.api('POST', `/v1/orders/${reference}/complete`);
const held = async (pool: string) => (await maskline.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld;
const agentIs = async (reference: string, phone: string) =>
  (await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone })).body;

describe('a phone declared for a participant', () => {
  it('reaches the other side as the registered one does, and the callee sees the number that leads back', async () => {
    const order = await anOrder(maskline);
    const other = aPhone();
    const answer = await participant(maskline, order.reference, 'customer').declare(other);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        phones: [
          { id: null, known: 'registered' },
          { id: expect.any(String), known: 'declared' },
        ],
      },
    });
    expect(answer.text).not.toContain(other.slice(3));
    const [byOther, byRegistered] = [
      await call(other, order.customerDials),
      await call(order.customer, order.customerDials),
    ];
    expect(byOther).toEqual(byRegistered);
    expect(byOther).toMatchObject({ decision: 'connect', callee: order.agent, shownNumber: order.agentDials });
    // Called back, the registered phone rings.
    expect(await call(order.agent, order.agentDials)).toMatchObject({ callee: order.customer });
    expect(await held(order.pool)).toBe(2);
  });

  it('may be declared before there is an agent, and gets a number that is free for all its phones', async () => {
    const pool = await maskline.pool({ capacity: 5 }, numbers(4));
    const [customer, other, agent] = [aPhone(), aPhone(), aPhone()];
    // The other phone is a customer already, so one number of four will not do.
    const first = await maskline.order(`busy-${pool}`, other, aPhone(), { pool });
    await maskline.order(`declared-early-${pool}`, customer, undefined, { pool });
    await participant(maskline, `declared-early-${pool}`, 'customer').declare(other);
    const order = await agentIs(`declared-early-${pool}`, agent);
    expect(order.customer.dials).not.toBe(first.customer.dials);
    for (const phone of [customer, other]) {
      expect(await call(phone, order.customer.dials)).toMatchObject({ callee: agent, shownNumber: order.agent.dials });
    }
  });

  it('keeps an order waiting where no number is free for all its phones, until one is', async () => {
    const pool = await maskline.pool({ capacity: 5 }, numbers(1));
    const [customer, other, agent] = [aPhone(), aPhone(), aPhone()];
    await maskline.order(`takes-it-${pool}`, other, aPhone(), { pool });
    await maskline.order(`waits-${pool}`, customer, undefined, { pool });
    await participant(maskline, `waits-${pool}`, 'customer').declare(other);
    expect((await agentIs(`waits-${pool}`, agent)).status).toBe('awaiting-numbers');
    await maskline.api('POST', '/v1/numbers/import', { pool, numbers: [{ number: aNumber() }] });
    const order = await agentIs(`waits-${pool}`, agent);
    expect(order.status).toBe('active');
    expect(await call(other, order.customer.dials)).toMatchObject({ callee: agent });
  });

  it('changes nothing when it is declared again, or is the registered one', async () => {
    const order = await anOrder(maskline);
    const customer = participant(maskline, order.reference, 'customer');
    const other = aPhone();
    const { body } = await customer.declare(other);
    expect((await customer.declare(other)).body).toEqual(body);
    expect((await customer.declare(order.customer)).body).toEqual(body);
    expect((await customer.phones()).body).toEqual(body);
    const { events } = (await maskline.api('GET', `/v1/orders/${order.reference}/events`)).body;
    expect(events.filter(({ kind }: { kind: string }) => kind === 'order.phone-declared')).toHaveLength(1);
  });

  it.each(['customer', 'agent'] as const)('is refused where it is the other side’s (%s)', async (role) => {
    const order = await anOrder(maskline);
    const [me, them] = role === 'customer' ? (['customer', 'agent'] as const) : (['agent', 'customer'] as const);
    const theirs = aPhone();
    await participant(maskline, order.reference, them).declare(theirs);
    for (const phone of [order[them], theirs]) {
      expect(problem(await participant(maskline, order.reference, me).declare(phone))).toBe('422 /problems/same-phone');
    }
    expect(problem(await participant(maskline, order.reference, me).correct(theirs))).toBe('422 /problems/same-phone');
  });

  it('of the customer cannot become the agent’s', async () => {
    const order = await anOrder(maskline);
    const other = aPhone();
    await participant(maskline, order.reference, 'customer').declare(other);
    const answer = await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: other });
    expect(problem(answer)).toBe('422 /problems/same-phone');
  });

  it('is refused where its calls to that number lead to another order, or did until lately', async () => {
    const pool = await maskline.pool({ capacity: 5 }, numbers(2));
    const [one, two] = [await anOrder(maskline, { pool }), await anOrder(maskline, { pool })];
    const sharer = two.customerDials === one.customerDials ? two.customer : two.agent;
    const declare = () => participant(maskline, one.reference, 'customer').declare(sharer);
    expect(problem(await declare())).toBe('409 /problems/phone-taken');
    await maskline.api('POST', `/v1/orders/${two.reference}/cancel`);
    expect(problem(await declare())).toBe('409 /problems/phone-taken');
    expect((await participant(maskline, one.reference, 'customer').phones()).body.phones).toHaveLength(1);
    expect(await call(sharer, one.customerDials)).toMatchObject({ decision: 'refuse', reason: 'ORDER_ENDED' });
  });

  it('is refused as an eleventh, as no phone at all, as a number of ours, on an order that is over or has no agent', async () => {
    const order = await anOrder(maskline);
    const customer = participant(maskline, order.reference, 'customer');
    expect(problem(await customer.declare('12'))).toBe('422 /problems/unusable-phone');
    expect(problem(await customer.declare(order.customerDials))).toBe('422 /problems/unusable-phone');
    for (let count = 1; count <= 10; count += 1) expect((await customer.declare(aPhone())).status).toBe(200);
    expect(problem(await customer.declare(aPhone()))).toBe('409 /problems/too-many-phones');
    await complete(order.reference);
    expect(problem(await customer.declare(aPhone()))).toBe('409 /problems/order-closed');
    const pool = await maskline.pool();
    await maskline.order(`nobody-${pool}`, aPhone(), undefined, { pool });
    const nobody = participant(maskline, `nobody-${pool}`, 'agent');
    expect(problem(await nobody.declare(aPhone()))).toBe('409 /problems/no-agent-yet');
    expect(problem(await participant(maskline, 'no-such', 'agent').phones())).toBe('404 /problems/order-not-found');
  });
});

describe('a phone withdrawn', () => {
  it('hears that the order has ended, holds no number, and may be declared again', async () => {
    const order = await anOrder(maskline);
    const customer = participant(maskline, order.reference, 'customer');
    const other = aPhone();
    const [, { id }] = (await customer.declare(other)).body.phones;
    expect((await customer.withdraw(id)).body.phones).toHaveLength(1);
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ decision: 'connect' });
    expect(await held(order.pool)).toBe(2);
    expect(problem(await customer.withdraw(id))).toBe('404 /problems/phone-not-found');
    expect(problem(await customer.withdraw('not-an-id'))).toBe('400 /problems/invalid-request');
    await customer.declare(other);
    expect(await call(other, order.customerDials)).toMatchObject({ callee: order.agent });
  });

  it('leaves the registered phone its own when its pair has rested', async () => {
    const order = await anOrder(maskline, { quarantineSeconds: 60 });
    const customer = participant(maskline, order.reference, 'customer');
    const other = aPhone();
    const [, { id }] = (await customer.declare(other)).body.phones;
    await customer.withdraw(id);
    await maskline.pass({ minutes: 2 });
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'UNKNOWN_CALLER' });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ callee: order.agent });
    expect(await call(order.agent, order.agentDials)).toMatchObject({ callee: order.customer });
  });
});

describe("through an order's life a declared phone", () => {
  it('of the customer reaches the new agent, and one of the agent who left reaches nobody', async () => {
    const order = await anOrder(maskline);
    const [customers, agents, newAgent] = [aPhone(), aPhone(), aPhone()];
    await participant(maskline, order.reference, 'customer').declare(customers);
    await participant(maskline, order.reference, 'agent').declare(agents);
    const replaced = await agentIs(order.reference, newAgent);
    expect(await call(customers, order.customerDials)).toMatchObject({
      callee: newAgent,
      shownNumber: replaced.agent.dials,
    });
    expect(await call(agents, order.agentDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    expect((await participant(maskline, order.reference, 'agent').phones()).body.phones).toHaveLength(1);
    expect(await held(order.pool)).toBe(2);
    // The successor may have it too, on another number.
    if (replaced.agent.dials !== order.agentDials) {
      expect((await participant(maskline, order.reference, 'agent').declare(agents)).status).toBe(200);
      expect(await call(agents, replaced.agent.dials)).toMatchObject({ callee: order.customer });
    }
  });

  it('stays the participant’s when the registered one is corrected', async () => {
    const order = await anOrder(maskline);
    const customer = participant(maskline, order.reference, 'customer');
    const [other, corrected] = [aPhone(), aPhone()];
    await customer.declare(other);
    await customer.correct(corrected);
    expect(await call(other, order.customerDials)).toMatchObject({ callee: order.agent });
    expect(await call(order.agent, order.agentDials)).toMatchObject({ callee: corrected });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    expect((await customer.phones()).body.phones).toHaveLength(2);
    expect(await held(order.pool)).toBe(2);
  });

  it('may become the registered one, and keeps the number', async () => {
    const order = await anOrder(maskline);
    const customer = participant(maskline, order.reference, 'customer');
    const other = aPhone();
    await customer.declare(other);
    expect((await customer.correct(other)).body.customer.dials).toBe(order.customerDials);
    expect((await customer.phones()).body.phones).toHaveLength(1);
    expect(await call(order.agent, order.agentDials)).toMatchObject({ callee: other });
    expect(await call(other, order.customerDials)).toMatchObject({ callee: order.agent });
    expect(await held(order.pool)).toBe(2);
  });

  it('moves with it to another number where the corrected phone cannot have the old one', async () => {
    const pool = await maskline.pool({ capacity: 5 }, numbers(3));
    const order = await anOrder(maskline, { pool });
    const customer = participant(maskline, order.reference, 'customer');
    const other = aPhone();
    await customer.declare(other);
    // Somebody with an order on each of the two numbers of this one, at least on the customer's.
    const busy = aPhone();
    for (let count = 0; count < 2; count += 1) {
      const taken = await maskline.order(`busy-${count}-${pool}`, busy, aPhone(), { pool });
      if (taken.customer.dials === order.customerDials) break;
    }
    const { dials } = (await customer.correct(busy)).body.customer;
    expect(await call(other, dials)).toMatchObject({ callee: order.agent, shownNumber: order.agentDials });
    if (dials !== order.customerDials) {
      expect(await call(other, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    }
  });

  it('connects in grace, hears the end in quarantine, and is a stranger’s and forgotten after it', async () => {
    const order = await anOrder(maskline, { graceSeconds: 600 });
    const other = aPhone();
    await participant(maskline, order.reference, 'customer').declare(other);
    await complete(order.reference);
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'CONNECTED_IN_GRACE' });
    await maskline.pass({ minutes: 10 });
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    expect(await held(order.pool)).toBe(0);
    await maskline.pass({ days: 2 });
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'UNKNOWN_CALLER' });
    const ofOrder = `order_id = (SELECT id FROM orders WHERE reference = '${order.reference}')`;
    expect(await maskline.count('assignments', ofOrder)).toBe(0);
    expect(await maskline.count('assignment_history', ofOrder)).toBe(2);
    expect(await maskline.count('participant_phones', ofOrder)).toBe(0);
    expect(await maskline.count('participants', `${ofOrder} AND phone IS NOT NULL`)).toBe(0);
  });

  it('goes on when the order is reopened', async () => {
    const order = await anOrder(maskline, { graceSeconds: 600 });
    const other = aPhone();
    await participant(maskline, order.reference, 'customer').declare(other);
    await complete(order.reference);
    await maskline.api('POST', `/v1/orders/${order.reference}/reopen`);
    await maskline.pass({ hours: 1 });
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'CONNECTED', callee: order.agent });
  });

  it('gets the next number with the customer when the first ones had to go back', async () => {
    const pool = await maskline.pool({ capacity: 5 }, numbers(2));
    const order = await anOrder(maskline, { pool });
    const [other, newAgent] = [aPhone(), aPhone()];
    await participant(maskline, order.reference, 'customer').declare(other);
    // The new agent is busy on both numbers.
    for (const one of [1, 2]) await maskline.order(`busy-${one}-${pool}`, aPhone(), newAgent, { pool });
    expect((await agentIs(order.reference, newAgent)).status).toBe('awaiting-numbers');
    await maskline.api('POST', '/v1/numbers/import', { pool, numbers: numbers(2).map((number) => ({ number })) });
    const served = await agentIs(order.reference, newAgent);
    expect(served.status).toBe('active');
    expect(await call(other, served.customer.dials)).toMatchObject({ callee: newAgent });
    expect(await call(other, order.customerDials)).toMatchObject({ reason: 'LINK_CLOSED' });
  });

  it('is forgotten with an order that never had a number', async () => {
    const pool = await maskline.pool();
    const reference = `never-${pool}`;
    await maskline.order(reference, aPhone(), undefined, { pool });
    await participant(maskline, reference, 'customer').declare(aPhone());
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
    expect(
      await maskline.count('participant_phones', `order_id = (SELECT id FROM orders WHERE reference = '${reference}')`),
    ).toBe(0);
  });

  it('is one person in what the number served', async () => {
    const order = await anOrder(maskline);
    await participant(maskline, order.reference, 'customer').declare(aPhone());
    const at = maskline.clock.now().toISOString();
    const { body } = await maskline.api('GET', `/v1/numbers/${order.customerDials}/served?at=${at}`);
    expect(body.served).toHaveLength(1);
  });
});

describe('at the same time', () => {
  it('the same phone declared twenty times is declared once', async () => {
    const order = await anOrder(maskline);
    const other = aPhone();
    const { declare, phones } = participant(maskline, order.reference, 'customer');
    const answers = await Promise.all(Array.from({ length: 20 }, () => declare(other)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await phones()).body.phones).toHaveLength(2);
  });

  it('a phone declared on two orders that share a number becomes one of one of them only', async () => {
    for (let round = 0; round < 10; round += 1) {
      const pool = await maskline.pool({ capacity: 5 }, numbers(2));
      const [one, two] = [await anOrder(maskline, { pool }), await anOrder(maskline, { pool })];
      const role = two.customerDials === one.customerDials ? 'customer' : 'agent';
      const other = aPhone();
      const answers = await Promise.all([
        participant(maskline, one.reference, 'customer').declare(other),
        participant(maskline, two.reference, role).declare(other),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const rings = answers[0]!.status === 200 ? one.agent : role === 'customer' ? two.agent : two.customer;
      expect(await call(other, one.customerDials)).toMatchObject({ decision: 'connect', callee: rings });
    }
  });

  it('a phone declared while its order is completed never connects longer than its order', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await anOrder(maskline, { graceSeconds: 60 });
      const other = aPhone();
      await Promise.all([participant(maskline, order.reference, 'customer').declare(other), complete(order.reference)]);
      await maskline.pass({ minutes: 2 });
      expect(await call(other, order.customerDials)).toMatchObject({ decision: 'refuse' });
      expect(await held(order.pool)).toBe(0);
    }
  });
});
