import { Client } from 'pg';

import { aNumber, aPhone, HOOK_SECRET, numbers, TestApp, TWILIO, type Body } from '../support/app.js';
import { ProviderAccount } from '../support/provider-account.js';
import type { E164 } from '../../src/phone-number/e164.js';
import { aCallId, anOrder, caller, participant, problem } from './calling.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

const WHISPER = 'A call about order {order}, from the {role}. We never ask for a password.';

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start({ twilioWhisper: WHISPER });
  call = caller(maskline);
});
afterAll(() => maskline.stop());

const post = (reference: string, what: string) => maskline.api('POST', `/v1/orders/${reference}/${what}`);
const interactionsOf = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;
/** Exotel's Connect with a caller in any spelling. @returns whom it rings, and the reason that is recorded */
async function connect(from: string, to: string, callSid = aCallId()): Promise<{ rings: string[]; reason: string }> {
  const query = { CallSid: callSid, CallFrom: from, From: from, CallTo: to, To: to, Direction: 'incoming' };
  const { status, body } = await maskline.exotel('GET', 'connect', query);
  expect(status).toBe(200);
  const [row] = await maskline.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [
    callSid,
  ]);
  return { rings: body.destination.numbers, reason: row?.reason };
}
const report = (callSid: string, exit: string, more: Record<string, string>) =>
  maskline.exotel('GET', `passthru/${exit}`, { CallSid: callSid, ...more });

describe('who is who', () => {
  it('Two orders, same two people: the later call goes to the order whose number was dialled', async () => {
    const first = await anOrder(maskline, { owned: numbers(8) });
    const second = await maskline.order(`two-${first.reference}`, first.customer, first.agent, { pool: first.pool });
    const dialled = [first.customerDials, first.agentDials, second.customer.dials, second.agent.dials];
    expect(new Set(dialled).size).toBe(4);
    expect(await call(first.customer, second.customer.dials)).toMatchObject({ shownNumber: second.agent.dials });
    expect(await call(first.customer, first.customerDials)).toMatchObject({ shownNumber: first.agentDials });
  });

  it('One person is customer in one order and agent in another: the role comes from the order', async () => {
    const first = await anOrder(maskline, { owned: numbers(8) });
    const other = aPhone();
    const second = await maskline.order(`roles-${first.reference}`, first.agent, other, { pool: first.pool });
    expect(await call(first.agent, second.customer.dials)).toMatchObject({ callee: other });
    expect(await call(first.agent, first.agentDials)).toMatchObject({ callee: first.customer });
  });

  it('Same number registered by two people (family phone): each order has numbers of its own, and both ring that phone', async () => {
    const first = await anOrder(maskline, { owned: numbers(8) });
    const agent = aPhone();
    const second = await maskline.order(`family-${first.reference}`, first.customer, agent, { pool: first.pool });
    expect(second.customer.dials).not.toBe(first.customerDials);
    expect(await call(first.agent, first.agentDials)).toMatchObject({ callee: first.customer });
    expect(await call(agent, second.agent.dials)).toMatchObject({ callee: first.customer });
  });

  it('Participant dials the number that stands for itself: SELF_CALL, from an alternate phone too', async () => {
    const order = await anOrder(maskline);
    const other = aPhone();
    await participant(maskline, order.reference, 'customer').declare(other);
    for (const phone of [order.customer, other]) {
      expect(await call(phone, order.agentDials)).toEqual({ decision: 'refuse', reason: 'SELF_CALL' });
    }
  });

  it('A real number that is one of our own: refused when the order is made', async () => {
    const { customerDials } = await anOrder(maskline);
    const placed = await maskline.api('POST', '/v1/orders', { reference: 'ours', customer: { phone: customerDials } });
    expect(problem(placed)).toBe('422 /problems/unusable-phone');
  });

  it('Caller is another number of ours: LOOP', async () => {
    const [one, other] = [await anOrder(maskline), await anOrder(maskline, { pin: 'unknown-callers' })];
    expect(await call(one.agentDials, one.customerDials)).toMatchObject({ reason: 'LOOP' });
    expect(await call(one.agentDials, other.customerDials)).toMatchObject({ reason: 'LOOP' });
  });
});

describe('caller IDs', () => {
  it.each(['', 'anonymous', 'restricted', '+266696687', '12345', '99', '4420794', '00', 'null', '+91'])(
    'Withheld, malformed, short or foreign-format caller ID (%j): the ladder, and never matched by its end',
    async (from) => {
      const open = await anOrder(maskline);
      expect((await connect(from, open.customerDials)).rings).toEqual([]);
      const asking = await anOrder(maskline, { pin: 'unknown-callers' });
      expect(await connect(from, asking.customerDials)).toEqual({ rings: [], reason: 'PIN_REQUIRED' });
    },
  );

  it('is not matched by its end: the last eight digits of a participant are a stranger', async () => {
    const { customer, customerDials } = await anOrder(maskline);
    expect((await connect(customer.slice(-8), customerDials)).rings).toEqual([]);
  });

  it.each([
    ['national', (phone: string) => phone.replace('+91', '0')],
    ['without its 0', (phone: string) => phone.replace('+91', '')],
    ['bare', (phone: string) => phone.slice(1)],
    ['+0', (phone: string) => phone.replace('+91', '+0')],
    ['00', (phone: string) => phone.replace('+', '00')],
    ['a plus that became a space', (phone: string) => phone.replace('+', ' ')],
  ])('Operator changed the caller ID (%s): normalised by the country of the number', async (_, spelt) => {
    const { customer, agent, customerDials } = await anOrder(maskline);
    expect((await connect(spelt(customer), spelt(customerDials))).rings).toEqual([agent]);
  });

  it('Spoofed caller ID: a pool may ask everybody for the PIN', async () => {
    const order = await anOrder(maskline, { pin: 'always' });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ decision: 'ask-pin' });
  });
});

describe('the end of an order', () => {
  it('Call after the end, in grace: connects, and the reason says grace', async () => {
    const order = await anOrder(maskline, { graceSeconds: 600 });
    await post(order.reference, 'complete');
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'CONNECTED_IN_GRACE' });
  });

  it('Call after the end, quarantine: ORDER_ENDED, never another person', async () => {
    const order = await anOrder(maskline, { graceSeconds: 0, owned: numbers(2) });
    await post(order.reference, 'complete');
    await anOrder(maskline, { pool: order.pool });
    expect(await call(order.customer, order.customerDials)).toEqual({ decision: 'refuse', reason: 'ORDER_ENDED' });
  });

  it('Call after quarantine, the number now serving others: what a stranger hears', async () => {
    const order = await anOrder(maskline, { graceSeconds: 0, owned: numbers(2) });
    await post(order.reference, 'complete');
    await maskline.pass({ days: 1, seconds: 1 });
    await anOrder(maskline, { pool: order.pool });
    const stranger = await call(aPhone(), order.customerDials);
    expect(await call(order.customer, order.customerDials)).toEqual(stranger);
  });

  it('Callee calls the number back weeks later from the call log: ORDER_ENDED, or a stranger’s words', async () => {
    const order = await anOrder(maskline, { graceSeconds: 0, quarantineSeconds: 21 * 86_400 });
    await post(order.reference, 'complete');
    await maskline.pass({ days: 14 });
    expect(await call(order.agent, order.agentDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    await maskline.pass({ days: 14 });
    expect(await call(order.agent, order.agentDials)).toMatchObject({ reason: 'UNKNOWN_CALLER' });
  });

  it('Order ends during the call: the call finishes, and no new one begins after grace', async () => {
    const order = await anOrder(maskline, { graceSeconds: 0 });
    const callSid = aCallId();
    expect((await connect(order.customer, order.customerDials, callSid)).rings).toEqual([order.agent]);
    await post(order.reference, 'cancel');
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '61' });
    expect(await interactionsOf(order.reference)).toMatchObject([{ outcome: 'completed', talkSeconds: 61 }]);
    expect((await connect(order.customer, order.customerDials)).rings).toEqual([]);
  });

  it('Agent replaced during the call: that call finishes, the next reaches the new agent', async () => {
    const order = await anOrder(maskline);
    const [callSid, newAgent] = [aCallId(), aPhone()];
    await connect(order.customer, order.customerDials, callSid);
    await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: newAgent });
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '5' });
    expect((await interactionsOf(order.reference))[0]).toMatchObject({ decision: 'connect', outcome: 'completed' });
    expect((await connect(order.customer, order.customerDials)).rings).toEqual([newAgent]);
  });
});

describe('what providers do', () => {
  it.each(['busy', 'no-answer', 'failed'])(
    'Callee busy, no answer, phone off (%s): recorded as it was',
    async (status) => {
      const order = await anOrder(maskline);
      const callSid = aCallId();
      await connect(order.customer, order.customerDials, callSid);
      await report(callSid, 'no-answer', { DialCallStatus: status });
      expect(await interactionsOf(order.reference)).toMatchObject([{ outcome: status, talkSeconds: 0 }]);
    },
  );

  it('Duplicate webhook (same call id), replayed, or asked again because we were slow: one answer, one interaction', async () => {
    const order = await anOrder(maskline, { maxCallsPerHour: 1 });
    const providerCallId = aCallId();
    const ask = () => call(order.customer, order.customerDials, { providerCallId });
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    await maskline.pass({ seconds: 59 });
    answers.push(await ask());
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ decision: 'connect' });
    expect(await interactionsOf(order.reference)).toHaveLength(1);
  });

  it('Status events late, repeated, out of order: the state moves forward only, and an unknown call’s are kept', async () => {
    const order = await anOrder(maskline);
    const callSid = aCallId();
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '30' });
    await connect(order.customer, order.customerDials, callSid);
    for (const late of ['no-answer', 'busy']) await report(callSid, 'no-answer', { DialCallStatus: late });
    expect(await interactionsOf(order.reference)).toMatchObject([{ outcome: 'completed', talkSeconds: 30 }]);
  });

  it('Webhook without or with bad proof of its sender: no facts in the answer, nothing recorded', async () => {
    const order = await anOrder(maskline);
    const query = { CallSid: aCallId(), From: order.customer, To: order.customerDials };
    const { status, text } = await maskline.exotel('GET', 'connect', query, `${HOOK_SECRET}x`);
    expect(status).toBe(404);
    expect(text).not.toContain('destination');
    expect(await interactionsOf(order.reference)).toEqual([]);
  });

  it('A call that was connected is not connected a second time at another step', async () => {
    const order = await anOrder(maskline);
    const providerCallId = aCallId();
    await call(order.customer, order.customerDials, { providerCallId });
    expect(await call(order.customer, order.customerDials, { providerCallId, step: 'other' })).toEqual({
      ...{ decision: 'refuse', reason: 'ALREADY_CONNECTED' },
    });
  });

  it.each(['resting', 'suspended', 'draining'])(
    'VN labelled spam, or put out of use (%s): what it serves goes on',
    async (status) => {
      const order = await anOrder(maskline);
      await maskline.dataSource.query('UPDATE virtual_numbers SET status = $2 WHERE number = $1', [
        ...[order.customerDials, status],
      ]);
      expect(await call(order.customer, order.customerDials)).toMatchObject({ callee: order.agent });
    },
  );
});

describe('what goes wrong', () => {
  it('Database down: nobody is rung on a guess, the caller is told in time to try again, and later it connects', async () => {
    const order = await anOrder(maskline);
    const other = new Client({ connectionString: maskline.database.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE assignments IN ACCESS EXCLUSIVE MODE');
    const began = performance.now();
    try {
      expect((await connect(order.customer, order.customerDials)).rings).toEqual([]);
      expect(performance.now() - began).toBeLessThan(4_500); // Exotel waits for five seconds
    } finally {
      await other.end();
    }
    expect((await connect(order.customer, order.customerDials)).rings).toEqual([order.agent]);
  });

  it('Provider timeout while we answer: the second request for the same call hears the same, and is no second call', async () => {
    const order = await anOrder(maskline, { maxCallsPerHour: 1 });
    const callSid = aCallId();
    const [first, second] = await Promise.all([0, 1].map(() => connect(order.customer, order.customerDials, callSid)));
    expect([first!.rings, second!.rings]).toEqual([[order.agent], [order.agent]]);
    expect(await interactionsOf(order.reference)).toHaveLength(1);
  });

  it('Clock step, DST: grace is counted in seconds of UTC, and a call that was answered hears the same by a clock set back', async () => {
    // Summer time ends in Europe at 01:00 UTC of this day.
    maskline.clock.push({ seconds: (Date.parse('2027-10-31T00:55:00Z') - maskline.clock.now().getTime()) / 1000 });
    const order = await anOrder(maskline, { graceSeconds: 600 });
    const callSid = aCallId();
    expect((await connect(order.customer, order.customerDials, callSid)).rings).toEqual([order.agent]);
    await post(order.reference, 'complete');
    maskline.clock.push({ seconds: 599 });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'CONNECTED_IN_GRACE' });
    maskline.clock.push({ seconds: 1 });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    maskline.clock.push({ hours: -1 });
    expect((await connect(order.customer, order.customerDials, callSid)).rings).toEqual([order.agent]);
    maskline.clock.push({ hours: 1 });
  });

  it('Provider takes a number back: the order gets another one, and calls go on by that', async () => {
    const pool = await maskline.pool({ lowWater: 4, target: 4, maxNumbers: 8, region: 'DL' });
    await maskline.replenish(pool);
    const [customer, agent] = [aPhone(), aPhone()];
    const before = await maskline.order('taken-back', customer, agent, { pool });
    await maskline.replenish(pool);
    await new ProviderAccount(maskline).takeAway(before.customer.dials);
    await maskline.replenish(pool);
    const after = (await maskline.api('GET', '/v1/orders/taken-back')).body;
    expect(after.customer.dials).not.toBe(before.customer.dials);
    expect(await connect(customer, after.customer.dials)).toEqual({ rings: [agent], reason: 'CONNECTED' });
  });

  it('Right to erasure: no phone is left of an order’s calls, and its totals are', async () => {
    const order = await anOrder(maskline, { graceSeconds: 0, quarantineSeconds: 60 });
    const callSid = aCallId();
    await connect(order.customer, order.customerDials, callSid);
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '61' });
    await post(order.reference, 'complete');
    await maskline.pass({ seconds: 1 });
    await maskline.pass({ seconds: 61 });
    for (const table of ['interactions', 'participants', 'assignments', 'assignment_history', 'order_events']) {
      const rows = JSON.stringify(await maskline.dataSource.query(`SELECT to_jsonb(one) AS row FROM ${table} AS one`));
      for (const phone of [order.customer, order.agent]) {
        expect(rows).not.toContain(phone.slice(3));
        expect([table, rows.includes(maskline.vault.keyOf(phone as E164).toString('hex'))]).toEqual([table, false]);
      }
    }
    expect(await interactionsOf(order.reference)).toMatchObject([{ from: 'customer', talkSeconds: 61 }]);
  });
});

describe('what a callee hears and sees, at Twilio', () => {
  let pool: string;
  beforeAll(async () => {
    pool = await maskline.pool({ country: 'US', provider: 'twilio', target: 4, lowWater: 4, maxNumbers: 4 });
    await maskline.replenish(pool);
  });

  /** An order whose numbers the exchange sold us. */
  async function anOrderAtTwilio(policy: object = {}) {
    await maskline.api('PATCH', `/v1/pools/${pool}`, { capacity: 50, ...policy });
    return anOrder(maskline, { pool });
  }
  const heardBy = ({ steps }: Body, who: string) =>
    steps.filter(({ by }: Body) => by === who).map(({ heard }: Body) => heard);

  it('Impersonation of platform staff over the masked line: the callee hears first which order and which side it is', async () => {
    const order = await anOrderAtTwilio();
    const ofCustomer = await maskline.place({ from: order.customer, to: order.customerDials });
    expect(heardBy(ofCustomer, 'callee')).toEqual([
      `A call about order ${order.reference}, from the customer. We never ask for a password.`,
    ]);
    expect(ofCustomer.heard).toEqual([]); // the caller does not hear it
    const ofAgent = await maskline.place({ from: order.agent, to: order.agentDials });
    expect(heardBy(ofAgent, 'callee')).toEqual([
      `A call about order ${order.reference}, from the agent. We never ask for a password.`,
    ]);
  });

  it('Impersonation: whom nobody can name is not named', async () => {
    const form = { AccountSid: TWILIO.sid, CallSid: 'CA1', From: aPhone(), To: aPhone(), Direction: 'outbound-dial' };
    const parents: Record<string, string>[] = [{}, { ParentCallSid: 'CAneverheardof' }, { ParentCallSid: "'; DROP" }];
    for (const parent of parents) {
      const { text } = await maskline.twilio('voice/whisper', { ...form, ...parent });
      expect(text).toContain('<Response><Say>A call about an order.</Say></Response>');
    }
  });

  it('Callee’s own voicemail answers: it is told no name and no number, for no longer than the pool lets a call last', async () => {
    const order = await anOrderAtTwilio({ maxCallSeconds: 60 });
    const call = await maskline.place({ from: order.customer, to: order.customerDials, talkSeconds: 3_600 });
    expect(call).toMatchObject({ connected: true, showed: order.agentDials });
    const told = JSON.stringify([heardBy(call, 'callee'), call.showed]);
    for (const phone of [order.customer, order.agent]) expect(told).not.toContain(phone.slice(3));
    expect(await interactionsOf(order.reference)).toMatchObject([{ outcome: 'completed', talkSeconds: 60 }]);
    const texts = await fetch(`${maskline.exchange.url}/exchange/people/${order.agent}/texts`);
    expect(await texts.json()).toEqual({ texts: [] }); // nothing of the caller's is forwarded unasked
  });

  it('Recording: only where the pool says so, and its link is in no answer of ours', async () => {
    const order = await anOrderAtTwilio({ recordCalls: true });
    const place = async () => JSON.stringify(await maskline.place({ from: order.customer, to: order.customerDials }));
    expect(await place()).toContain('record-from-answer-dual');
    const { text } = await maskline.api('GET', `/v1/orders/${order.reference}/interactions`);
    expect(text).not.toMatch(/https?:|Recordings|RE[0-9a-f]{32}/);
    await maskline.api('PATCH', `/v1/pools/${pool}`, { recordCalls: false });
    expect(await place()).not.toContain('record-from-answer');
  });

  it('Webhook without or with bad signature: 403, no facts in the answer, nothing recorded', async () => {
    const order = await anOrderAtTwilio();
    const form = { CallSid: `CA${aCallId()}`, From: order.customer, To: order.customerDials };
    const { status, text } = await maskline.twilio('voice', form, { token: 'f'.repeat(32) });
    expect({ status, text }).toEqual({ status: 403, text: '' });
    expect(await interactionsOf(order.reference)).toEqual([]);
  });

  it('Replay of an old signed webhook: it is the same call for ever, and tells nothing', async () => {
    const order = await anOrderAtTwilio({ graceSeconds: 0, quarantineSeconds: 60 });
    const form = { CallSid: `CA${aCallId()}`, AccountSid: TWILIO.sid, From: order.customer, To: order.customerDials };
    const first = await maskline.twilio('voice', form);
    expect(first.text).toContain(order.agent);
    expect((await maskline.twilio('voice', form)).text).toBe(first.text);
    await post(order.reference, 'complete');
    await maskline.pass({ seconds: 1 });
    await maskline.pass({ seconds: 61 });
    const late = await maskline.twilio('voice', form);
    expect(late.text).not.toMatch(/Dial|Number/);
    expect(await interactionsOf(order.reference)).toHaveLength(1);
  });
});

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
      ...{ ringSeconds: 20, talkSeconds: 14_400, record: false },
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
