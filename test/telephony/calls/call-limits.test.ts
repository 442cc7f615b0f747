import { aNumber, aPhone, numbers, TestApp } from '../../support/app.js';
import { aCallId, anOrder, caller, participant, problem } from '../calling.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start();
  call = caller(maskline);
});
afterAll(() => maskline.stop());

const interactionsOf = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

describe('limits that protect people', () => {
  it('Harassing calls, cap: so many within an hour to the same person, each call once, refused ones not counted', async () => {
    const order = await anOrder(maskline, { maxCallsPerHour: 2, owned: numbers(8) });
    const dial = () => call(order.customer, order.customerDials);
    expect([(await dial()).reason, (await dial()).reason]).toEqual(['CONNECTED', 'CONNECTED']);
    expect(await dial()).toEqual({ decision: 'refuse', reason: 'CAP_REACHED' });
    // Neither the other side's calls nor those to somebody else count.
    expect(await call(order.agent, order.agentDials)).toMatchObject({ decision: 'connect' });
    await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: aPhone() });
    expect(await dial()).toMatchObject({ decision: 'connect' });
    maskline.clock.push({ minutes: 60 });
    expect([(await dial()).reason, (await dial()).reason, (await dial()).reason]).toEqual([
      ...['CONNECTED', 'CONNECTED', 'CAP_REACHED'],
    ]);
    await maskline.api('PATCH', `/v1/pools/${order.pool}`, { maxCallsPerHour: null });
    expect(await dial()).toMatchObject({ decision: 'connect' });
  });

  it('Harassing calls, cap: not passed by calling from several phones, or at once', async () => {
    const order = await anOrder(maskline, { maxCallsPerHour: 3 });
    const other = aPhone();
    await participant(maskline, order.reference, 'customer').declare(other);
    const calls = Array.from({ length: 20 }, (_, one) => call(one % 2 ? other : order.customer, order.customerDials));
    const answers = await Promise.all(calls);
    expect(answers.filter(({ decision }) => decision === 'connect')).toHaveLength(3);
  });

  it.each(['customer', 'agent'] as const)(
    'Harassing calls, block by the %s: one way, until it is lifted',
    async (me) => {
      const order = await anOrder(maskline);
      const [mine, theirs] =
        me === 'customer' ? (['customerDials', 'agentDials'] as const) : (['agentDials', 'customerDials'] as const);
      const them = me === 'customer' ? 'agent' : 'customer';
      const { block, unblock } = participant(maskline, order.reference, me);
      expect(await block()).toMatchObject({ status: 200, body: { blocked: true } });
      await block();
      expect(await call(order[them], order[theirs])).toEqual({ decision: 'refuse', reason: 'BLOCKED' });
      expect(await call(order[me], order[mine])).toMatchObject({ decision: 'connect', callee: order[them] });
      expect(await unblock()).toMatchObject({ status: 200, body: { blocked: false } });
      expect(await call(order[them], order[theirs])).toMatchObject({ decision: 'connect', callee: order[me] });
    },
  );

  it('A block holds for all phones of who is blocked, declared before or after, and for a corrected one', async () => {
    const order = await anOrder(maskline);
    const [before, after, corrected, mine] = [aPhone(), aPhone(), aPhone(), aPhone()];
    const agent = participant(maskline, order.reference, 'agent');
    await agent.declare(before);
    await participant(maskline, order.reference, 'customer').block();
    await agent.declare(after);
    for (const phone of [before, after])
      expect(await call(phone, order.agentDials)).toMatchObject({ reason: 'BLOCKED' });
    await agent.correct(corrected);
    await participant(maskline, order.reference, 'customer').correct(mine);
    for (const phone of [corrected, before, after]) {
      expect(await call(phone, order.agentDials)).toMatchObject({ reason: 'BLOCKED' });
    }
  });

  it('A replaced agent’s successor is not blocked, whoever blocked whom', async () => {
    const order = await anOrder(maskline);
    await participant(maskline, order.reference, 'customer').block();
    await participant(maskline, order.reference, 'agent').block();
    const newAgent = aPhone();
    const { body } = await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: newAgent });
    expect(await call(newAgent, body.agent.dials)).toMatchObject({ callee: order.customer });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ callee: newAgent });
  });

  it('Block during the call: that call finishes, and asked again hears that it is blocked, as does the next', async () => {
    const order = await anOrder(maskline);
    const providerCallId = aCallId();
    expect(await call(order.agent, order.agentDials, { providerCallId })).toMatchObject({ decision: 'connect' });
    await participant(maskline, order.reference, 'customer').block();
    expect(await call(order.agent, order.agentDials, { providerCallId })).toMatchObject({ reason: 'BLOCKED' });
    expect(await interactionsOf(order.reference)).toMatchObject([{ decision: 'connect' }]);
    expect(await call(order.agent, order.agentDials)).toMatchObject({ reason: 'BLOCKED' });
  });

  it('A block while the agent is replaced never blocks the successor', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await anOrder(maskline);
      const newAgent = aPhone();
      const [, replaced] = await Promise.all([
        participant(maskline, order.reference, 'agent').block(),
        maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: newAgent }),
      ]);
      expect(replaced.status).toBe(200);
      // Either the old agent blocked and left with the block, or the one who is the agent by then blocked.
      const { events } = (await maskline.api('GET', `/v1/orders/${order.reference}/events`)).body;
      const kinds = events.map(({ kind }: { kind: string }) => kind);
      const newOneBlocked = kinds.indexOf('order.blocked') > kinds.indexOf('order.agent-replaced');
      const answer = await call(order.customer, order.customerDials);
      expect(answer.decision).toBe(newOneBlocked ? 'refuse' : 'connect');
    }
  });

  it('Nobody to block: an order without numbers', async () => {
    const pool = await maskline.pool();
    await maskline.order(`no-block-${pool}`, aPhone(), undefined, { pool });
    const { block } = participant(maskline, `no-block-${pool}`, 'customer');
    expect(problem(await block())).toBe('409 /problems/order-without-numbers');
  });

  it('Quiet hours: by the clock on the wall, past midnight, and not a minute longer', async () => {
    const quietHours = { from: '22:00', until: '07:00', timeZone: 'Asia/Kolkata' };
    const order = await anOrder(maskline, { quietHours, lifetimeSeconds: 30 * 86_400 });
    const at = async (utc: string) => {
      const { now } = { now: maskline.clock.now() };
      const next = new Date(`${now.toISOString().slice(0, 10)}T${utc}:00.000Z`);
      while (next <= now) next.setUTCDate(next.getUTCDate() + 1);
      maskline.clock.push({ seconds: (next.getTime() - now.getTime()) / 1000 });
      return (await call(order.customer, order.customerDials)).reason;
    };
    expect(await at('16:29')).toBe('CONNECTED'); // 21:59 in India
    expect(await at('16:30')).toBe('QUIET_HOURS');
    expect(await at('18:31')).toBe('QUIET_HOURS'); // past midnight
    expect(await at('01:29')).toBe('QUIET_HOURS');
    expect(await at('01:30')).toBe('CONNECTED');
  });

  it.each([
    ['customer-to-agent', 'connect', 'refuse'],
    ['agent-to-customer', 'refuse', 'connect'],
  ] as const)(
    'One-way pool (%s): only that side gets through, from the next call on',
    async (direction, customers, agents) => {
      const order = await anOrder(maskline);
      expect(await call(order.agent, order.agentDials)).toMatchObject({ decision: 'connect' });
      await maskline.api('PATCH', `/v1/pools/${order.pool}`, { direction });
      expect(await call(order.customer, order.customerDials)).toMatchObject({ decision: customers });
      expect(await call(order.agent, order.agentDials)).toMatchObject({ decision: agents });
    },
  );

  it('Call length and ringing: the pool’s, clamped to what the provider can do; recorded only where the pool says so', async () => {
    const order = await anOrder(maskline, { maxCallSeconds: 14_400, maxRingSeconds: 20 });
    expect(await call(order.customer, order.customerDials)).toMatchObject({
      ringSeconds: 20,
      talkSeconds: 14_400,
      record: false,
    });
    const query = { CallSid: aCallId(), From: order.customer, To: order.customerDials };
    const { body } = await maskline.exotel('GET', 'connect', query);
    expect(body).toMatchObject({ max_ringing_duration: 20, max_conversation_duration: 4_500, record: false });
    await maskline.api('PATCH', `/v1/pools/${order.pool}`, { recordCalls: true });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ record: true });
  });

  it.each(['112', '100', '+881612345678', '+449012345678', '+448431234567'])(
    'Emergency, premium, shared-cost and satellite destinations (%s): refused when the order is made',
    async (phone) => {
      const placed = await maskline.api('POST', '/v1/orders', {
        reference: `odd-${aNumber()}`.replace('+', ''),
        customer: { phone },
      });
      expect(problem(placed)).toBe('422 /problems/unusable-phone');
    },
  );
});
