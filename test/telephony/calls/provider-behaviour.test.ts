import { HOOK_SECRET, TestApp } from '../../support/app.js';
import { aCallId, anOrder, caller, connect } from '../calling.js';

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
const report = (callSid: string, exit: string, more: Record<string, string>) =>
  maskline.exotel('GET', `passthru/${exit}`, { CallSid: callSid, ...more });

describe('what providers do', () => {
  it.each(['busy', 'no-answer', 'failed'])(
    'Callee busy, no answer, phone off (%s): recorded as it was',
    async (status) => {
      const order = await anOrder(maskline);
      const callSid = aCallId();
      await connect(maskline, order.customer, order.customerDials, callSid);
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
    await connect(maskline, order.customer, order.customerDials, callSid);
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
      decision: 'refuse',
      reason: 'ALREADY_CONNECTED',
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
