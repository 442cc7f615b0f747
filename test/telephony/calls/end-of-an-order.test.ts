import { aPhone, numbers, TestApp } from '../../support/app.js';
import { aCallId, anOrder, caller, connect } from '../calling.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start();
  call = caller(maskline);
});
afterAll(() => maskline.stop());

const post = (reference: string, what: string) => maskline.api('POST', `/v1/orders/${reference}/${what}`);
const interactionsOf = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;
const report = (callSid: string, exit: string, more: Record<string, string>) =>
  maskline.exotel('GET', `passthru/${exit}`, { CallSid: callSid, ...more });

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
    expect((await connect(maskline, order.customer, order.customerDials, callSid)).rings).toEqual([order.agent]);
    await post(order.reference, 'cancel');
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '61' });
    expect(await interactionsOf(order.reference)).toMatchObject([{ outcome: 'completed', talkSeconds: 61 }]);
    expect((await connect(maskline, order.customer, order.customerDials)).rings).toEqual([]);
  });

  it('Agent replaced during the call: that call finishes, the next reaches the new agent', async () => {
    const order = await anOrder(maskline);
    const [callSid, newAgent] = [aCallId(), aPhone()];
    await connect(maskline, order.customer, order.customerDials, callSid);
    await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: newAgent });
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '5' });
    expect((await interactionsOf(order.reference))[0]).toMatchObject({ decision: 'connect', outcome: 'completed' });
    expect((await connect(maskline, order.customer, order.customerDials)).rings).toEqual([newAgent]);
  });
});
