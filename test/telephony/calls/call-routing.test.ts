import { randomBytes } from 'node:crypto';

import { vi } from 'vitest';

import { CallRoutingService } from '../../../src/telephony/calls/call-routing.service.js';
import type { InboundCall } from '../../../src/telephony/calls/inbound-call.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { CallConnections } from '../../../src/platform/database/call-connections.js';
import { aNumber, aPhone, HOOK_SECRET, numbers, TestApp } from '../../support/app.js';
import { CalmTime } from '../../support/calm-time.js';

const logged: string[] = [];
let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
});
afterAll(() => maskline.stop());

/** An active order in an exclusive pool of its own. */
async function anOrder(
  more: { graceSeconds?: number; cancelGraceSeconds?: number; capacity?: number } = {},
  owned = numbers(4),
) {
  const pool = await maskline.pool(more, owned);
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await maskline.order(reference, customer, agent, { pool });
  return {
    pool,
    reference,
    customer,
    agent,
    customerDials: order.customer.dials,
    agentDials: order.agent.dials,
    owned,
  };
}

const lastInteraction = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions.at(-1);

const reasonOf = async (callSid: string) => {
  const [row] = await maskline.dataSource.query(
    'SELECT decision, reason FROM interactions WHERE provider_call_id = $1',
    [callSid],
  );
  return row as { decision: string; reason: string };
};

describe('a call that an open order joins', () => {
  it('is decided by two named statements, one read and one record', async () => {
    const { customer, customerDials } = await anOrder();
    const query = vi.spyOn(maskline.app.get(CallConnections), 'query');
    await maskline.call(customer, customerDials);
    const names = query.mock.calls.map(([{ name }]) => name);
    query.mockRestore();
    expect(names).toEqual(['find-assignment', 'record-decision']);
  });

  it('rings the agent with the number that the agent dials back', async () => {
    const { customer, agent, customerDials, agentDials, reference } = await anOrder();
    const call = await maskline.call(customer, customerDials);
    expect(call).toMatchObject({ rings: [agent], shows: agentDials });
    expect(await lastInteraction(reference)).toMatchObject({
      kind: 'call',
      providerCallId: call.callSid,
      from: 'customer',
      decision: 'connect',
      reason: 'CONNECTED',
      outcome: null,
      talkSeconds: null,
    });
  });

  it('leads back to the caller when the shown number is dialled', async () => {
    const { customer, agent, customerDials } = await anOrder();
    const { shows } = await maskline.call(customer, customerDials);
    expect(await maskline.call(agent, shows!)).toMatchObject({ rings: [customer], shows: customerDials });
  });

  it('shows each side of two orders between the same two people the number of the order that was dialled', async () => {
    const first = await anOrder({}, numbers(8));
    const second = await maskline.order('second-of-two', first.customer, first.agent, { pool: first.pool });
    const dialled = [first.customerDials, first.agentDials, second.customer.dials, second.agent.dials];
    expect(new Set(dialled).size).toBe(4);
    expect(await maskline.call(first.customer, second.customer.dials)).toMatchObject({
      rings: [first.agent],
      shows: second.agent.dials,
    });
    expect(await maskline.call(first.customer, first.customerDials)).toMatchObject({
      rings: [first.agent],
      shows: first.agentDials,
    });
  });

  it('takes the role from the order, not from the person', async () => {
    const first = await anOrder({}, numbers(8));
    const other = aPhone();
    const second = await maskline.order('agent-orders-lunch', first.agent, other, { pool: first.pool });
    expect(await maskline.call(first.agent, second.customer.dials)).toMatchObject({ rings: [other] });
    expect(await maskline.call(first.agent, first.agentDials)).toMatchObject({ rings: [first.customer] });
  });

  it('tells orders that share a number apart by who is calling', async () => {
    const pool = await maskline.pool({ capacity: 10 }, numbers(2));
    const people = Array.from({ length: 5 }, () => ({ customer: aPhone(), agent: aPhone() }));
    for (const [index, { customer, agent }] of people.entries()) {
      const order = await maskline.order(`shared-${index}`, customer, agent, { pool });
      expect(order.status).toBe('active');
    }
    for (const [index, { customer, agent }] of people.entries()) {
      const { body: order } = await maskline.api('GET', `/v1/orders/shared-${index}`);
      const { rings, shows } = await maskline.call(customer, order.customer.dials);
      expect({ rings, shows }).toEqual({ rings: [agent], shows: order.agent.dials });
      expect((await maskline.call(agent, shows!)).rings).toEqual([customer]);
    }
  });
});

describe('a call that no open order joins rings nobody', () => {
  it('refuses a stranger, and shows the attempt with the one order the number serves', async () => {
    const { customerDials, reference } = await anOrder();
    const { rings, callSid } = await maskline.call(aPhone(), customerDials);
    expect(rings).toEqual([]);
    expect(await lastInteraction(reference)).toMatchObject({
      providerCallId: callSid,
      from: 'unknown',
      decision: 'refuse',
      reason: 'UNKNOWN_CALLER',
    });
  });

  it('refuses a participant of another order: NO_SESSION', async () => {
    const [one, other] = [await anOrder(), await anOrder()];
    const { rings, callSid } = await maskline.call(other.customer, one.customerDials);
    expect(rings).toEqual([]);
    expect(await reasonOf(callSid)).toEqual({ decision: 'refuse', reason: 'NO_SESSION' });
  });

  it('refuses a participant who dials the number that stands for them: SELF_CALL', async () => {
    const { customer, agentDials, reference } = await anOrder();
    const { rings } = await maskline.call(customer, agentDials);
    expect(rings).toEqual([]);
    expect(await lastInteraction(reference)).toMatchObject({ from: 'customer', reason: 'SELF_CALL' });
  });

  it('refuses one of our own numbers as a caller: LOOP', async () => {
    const { customerDials, agentDials } = await anOrder();
    const { rings, callSid } = await maskline.call(agentDials, customerDials);
    expect(rings).toEqual([]);
    expect(await reasonOf(callSid)).toMatchObject({ reason: 'LOOP' });
  });

  it('refuses a number that is none of ours: UNKNOWN_VN', async () => {
    const { rings, callSid } = await maskline.call(aPhone(), aNumber());
    expect(rings).toEqual([]);
    expect(await reasonOf(callSid)).toMatchObject({ reason: 'UNKNOWN_VN' });
  });

  it('refuses an order that has no agent yet', async () => {
    const owned = numbers(2);
    const pool = await maskline.pool({}, owned);
    const customer = aPhone();
    await maskline.order('no-agent-yet', customer, undefined, { pool });
    for (const number of owned) expect((await maskline.call(customer, number)).rings).toEqual([]);
  });
});

describe('the end of an order', () => {
  it('connects in grace, and says so in the reason', async () => {
    const { customer, agent, customerDials, reference } = await anOrder({ graceSeconds: 600 });
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    await maskline.pass({ minutes: 9 });
    expect((await maskline.call(customer, customerDials)).rings).toEqual([agent]);
    expect(await lastInteraction(reference)).toMatchObject({ decision: 'connect', reason: 'CONNECTED_IN_GRACE' });
  });

  it('tells both sides ORDER_ENDED after grace, to the second and whether or not a job has run', async () => {
    const { customer, agent, customerDials, agentDials, reference } = await anOrder({ graceSeconds: 600 });
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    maskline.clock.push({ seconds: 600 });
    expect((await maskline.call(customer, customerDials)).rings).toEqual([]);
    expect((await maskline.call(agent, agentDials)).rings).toEqual([]);
    expect(await lastInteraction(reference)).toMatchObject({ from: 'agent', reason: 'ORDER_ENDED' });
  });

  it('refuses at once after cancelling, where the pool grants no grace', async () => {
    const { customer, customerDials, reference } = await anOrder();
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
    expect((await maskline.call(customer, customerDials)).rings).toEqual([]);
  });

  it('gives the freed number to other people, while its old dialler hears that the order ended', async () => {
    const owned = numbers(2);
    const first = await anOrder({ graceSeconds: 60 }, owned);
    await maskline.api('POST', `/v1/orders/${first.reference}/complete`);
    await maskline.pass({ minutes: 2 });
    const [newCustomer, newAgent] = [aPhone(), aPhone()];
    const second = await maskline.order(`after-${first.reference}`, newCustomer, newAgent, { pool: first.pool });
    expect(new Set([second.customer.dials, second.agent.dials])).toEqual(new Set(owned));
    for (const number of owned) expect((await maskline.call(first.customer, number)).rings).toEqual([]);
    const { callSid } = await maskline.call(first.customer, first.customerDials);
    expect(await reasonOf(callSid)).toMatchObject({ reason: 'ORDER_ENDED' });
    expect((await maskline.call(newCustomer, second.customer.dials)).rings).toEqual([newAgent]);
  });

  it('treats the old dialler as a stranger once quarantine is over', async () => {
    const { customer, customerDials, reference, pool } = await anOrder({ graceSeconds: 60 });
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    await maskline.pass({ minutes: 2 });
    await maskline.pass({ days: 2 });
    await maskline.order(`serving-${reference}`, aPhone(), aPhone(), { pool });
    const { callSid, rings } = await maskline.call(customer, customerDials);
    expect(rings).toEqual([]);
    expect(await reasonOf(callSid)).toMatchObject({ reason: 'UNKNOWN_CALLER' });
  });

  it('rings the new agent after a replacement, and tells the old one ORDER_ENDED', async () => {
    const { customer, agent, customerDials, agentDials, reference } = await anOrder();
    const newAgent = aPhone();
    const { body: replaced } = await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: newAgent });
    expect(replaced.customer.dials).toBe(customerDials);
    expect(await maskline.call(customer, customerDials)).toMatchObject({
      rings: [newAgent],
      shows: replaced.agent.dials,
    });
    const { rings, callSid } = await maskline.call(agent, agentDials);
    expect(rings).toEqual([]);
    expect(await reasonOf(callSid)).toMatchObject({ reason: 'ORDER_ENDED' });
  });
});

describe('the same call asking again', () => {
  it('hears the same answer and is one interaction', async () => {
    const { customer, agent, customerDials, agentDials, reference } = await anOrder();
    const first = await maskline.call(customer, customerDials);
    const again = await maskline.call(customer, customerDials, first.callSid);
    expect(again).toEqual({ callSid: first.callSid, rings: [agent], shows: agentDials });
    const { body } = await maskline.api('GET', `/v1/orders/${reference}/interactions`);
    expect(body.interactions).toHaveLength(1);
  });

  it('stays refused although the caller would be connected by now', async () => {
    const owned = numbers(2);
    const pool = await maskline.pool({}, owned);
    const [customer, agent] = [aPhone(), aPhone()];
    const [number] = [owned[0]!];
    const { callSid, rings } = await maskline.call(customer, number);
    expect(rings).toEqual([]);
    const order = await maskline.order('joined-later', customer, agent, { pool });
    expect((await maskline.call(customer, order.customer.dials, callSid)).rings).toEqual([]);
    expect((await maskline.call(customer, order.customer.dials)).rings).toEqual([agent]);
  });

  it('tells another caller nothing: a call id belongs to the call that first used it', async () => {
    const { customer, customerDials } = await anOrder();
    const { callSid } = await maskline.call(customer, customerDials);
    expect((await maskline.call(aPhone(), customerDials, callSid)).rings).toEqual([]);
  });

  it('is decided once when twenty copies of it come at the same time', async () => {
    const { customer, agent, customerDials, reference } = await anOrder();
    const callSid = randomBytes(16).toString('hex');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => maskline.call(customer, customerDials, callSid)),
    );
    expect(answers.every(({ rings }) => rings[0] === agent)).toBe(true);
    expect((await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions).toHaveLength(1);
  });

  it('may be decided anew at another step of the flow', async () => {
    const { customer, agent, customerDials } = await anOrder();
    const call: InboundCall = {
      provider: 'exotel',
      providerCallId: randomBytes(16).toString('hex'),
      step: 'connect',
      dialled: [customerDials as E164],
      caller: aPhone() as E164,
      digits: null,
    };
    const routing = maskline.get(CallRoutingService);
    expect(await routing.route(call)).toMatchObject({ decision: 'refuse' });
    const next = { ...call, step: 'connect-pin', caller: customer as E164 };
    expect(await routing.route(next)).toMatchObject({ decision: 'connect', callee: agent });
    expect(await routing.route(next)).toMatchObject({ decision: 'connect', callee: agent });
  });
});

describe('trouble on our side', () => {
  it('refuses within its deadline while the database holds everything up, and records nothing wrong', async () => {
    const { customer, customerDials } = await anOrder();
    const runner = maskline.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
    const waited = new CalmTime();
    const { rings, callSid } = await maskline.call(customer, customerDials);
    expect(rings).toEqual([]);
    expect(waited.ms).toBeLessThan(4_500);
    await runner.rollbackTransaction();
    await runner.release();
    expect((await maskline.exotel('GET', 'reason', { CallSid: callSid })).status).toBe(200);
  });

  it('logs and counts decisions without a single digit of a person’s number', async () => {
    const { customer, agent, customerDials } = await anOrder();
    const stranger = aPhone();
    const { callSid } = await maskline.call(customer, customerDials);
    await maskline.call(stranger, customerDials);
    await maskline.exotel('GET', 'connect', { From: stranger, To: customerDials }, 'a-wrong-secret-of-some-length');
    const { text: metrics } = await maskline.api('GET', '/metrics');
    const all = logged.join('\n') + metrics;
    expect(all).toContain(callSid);
    expect(all).not.toContain(HOOK_SECRET);
    expect(metrics).toMatch(
      /maskline_call_decisions_total\{provider="exotel",decision="connect",reason="CONNECTED",source="database"\} \d/,
    );
    for (const phone of [customer, agent, stranger]) expect(all).not.toContain(phone.slice(3));
  });
});

it('the level of every pool is measured when somebody scrapes', async () => {
  const { pool } = await anOrder({}, numbers(5));
  const { text } = await maskline.api('GET', '/metrics');
  expect(text).toContain(`maskline_pool_assignable{pool="${pool}"} 3`);
  expect(text).toContain(`maskline_pool_numbers{pool="${pool}",status="available"} 5`);
});
