import { whisper } from '../../../../src/telephony/twilio/calls/voice-reply.js';
import { aPhone, TestApp, TWILIO, type Body } from '../../../support/app.js';
import { aCallId, anOrder } from '../../calling.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

const WHISPER = 'A call about order {order}, from the {role}. We never ask for a password.';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ twilioWhisper: WHISPER });
});
afterAll(() => maskline.stop());

const post = (reference: string, what: string) => maskline.api('POST', `/v1/orders/${reference}/${what}`);
const interactionsOf = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

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

  it('Impersonation: a courier hears which of the others calls', () => {
    const about = { reference: '4711', role: 'sender' };
    expect(whisper('Call about order {order}, from the {role}', about)).toContain(
      '<Say>Call about order 4711, from the sender</Say>',
    );
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
