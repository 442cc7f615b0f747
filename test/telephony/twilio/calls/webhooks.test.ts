import { randomBytes } from 'node:crypto';

import webhooks from 'twilio/lib/webhooks/webhooks.js';

import { aPhone, encodeForm, formHeaders, NEXT_TOKEN, TestApp, TWILIO, type Answer } from '../../../support/app.js';

const WHISPER = 'A call about your order & more.';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ twilioWhisper: WHISPER });
});
afterAll(() => app?.stop());

const aCallSid = () => `CA${randomBytes(16).toString('hex')}`;
let drawn = 0;
const aUsNumber = () => `+1415201${String((drawn += 1)).padStart(4, '0')}`;

/** A call as Twilio posts it. */
const aCall = (from: string, to: string, more: Record<string, string | string[]> = {}) => ({
  AccountSid: TWILIO.sid,
  ApiVersion: '2010-04-01',
  CallSid: aCallSid(),
  CallStatus: 'ringing',
  Direction: 'inbound',
  From: from,
  To: to,
  Caller: from,
  Called: to,
  FromCity: '',
  FromCountry: 'US',
  ...more,
});

/** A customer and an agent who share an order, and the numbers they dial. */
async function anOrder() {
  const pool = await app.pool({ country: 'US', provider: 'twilio' }, [aUsNumber(), aUsNumber()]);
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await app.order(reference, customer, agent, { pool });
  return { reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

const interactions = async (reference: string) =>
  (await app.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

const expectRefused = ({ status, text }: Answer) => expect({ status, text }).toEqual({ status: 403, text: '' });

describe('a call', () => {
  it('rings the callee, and shows the number that reaches the caller', async () => {
    const { customer, agent, customerDials, agentDials } = await anOrder();
    const { status, headers, text } = await app.twilio('voice', aCall(customer, customerDials));
    expect([status, headers['content-type']]).toEqual([200, 'text/xml; charset=utf-8']);
    const hooks = `${app.url}/hooks/twilio/voice`;
    expect(text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><Response><Dial callerId="${agentDials}" answerOnBridge="true" timeout="45"` +
        ` timeLimit="3600" action="${hooks}/dial-result" method="POST"><Number url="${hooks}/whisper" method="POST"` +
        ` statusCallback="${hooks}/status" statusCallbackEvent="initiated ringing answered completed"` +
        ` statusCallbackMethod="POST">${agent}</Number></Dial></Response>`,
    );
  });

  it('that comes again, by the fallback URL say, hears the same', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const call = aCall(customer, customerDials);
    const first = await app.twilio('voice', call);
    const again = await app.twilio('voice', { ...call, ErrorCode: '11205', ErrorUrl: `${app.url}/hooks/twilio/voice` });
    expect(again.text).toBe(first.text);
    expect(await interactions(reference)).toHaveLength(1);
  });

  it.each([
    ['to a number in no pool is rejected, unanswered and unpaid for', '+14152999999', '<Reject reason="rejected"/>'],
    [
      'of a stranger is told to call from the own phone',
      null,
      '<Say language="en-US">This number cannot connect your call.',
    ],
  ])('%s', async (_, to, words) => {
    const { customerDials } = await anOrder();
    const { status, text } = await app.twilio('voice', aCall(aPhone(), to ?? customerDials));
    expect(status).toBe(200);
    expect(text).toContain(words);
    expect(text).not.toContain('Dial');
  });

  it.each([
    '+266696687',
    '+86282452253',
    '+7378742833',
    '+2562533',
    '+8656696',
    'anonymous',
    '',
    'client:joe',
    'sip:a@b',
  ])('from "%s" is one of a withheld caller', async (from) => {
    const { customerDials } = await anOrder();
    const call = aCall(from, customerDials);
    expect((await app.twilio('voice', call)).text).toContain('<Say ');
    expect(await app.count('interactions', `provider_call_id = '${call.CallSid}' AND reason = 'CLI_WITHHELD'`)).toBe(1);
  });

  it('whose order has ended is told so', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await app.api('POST', `/v1/orders/${reference}/cancel`, {});
    expect((await app.twilio('voice', aCall(customer, customerDials))).text).toContain(
      '<Say language="en-US">This order has ended.',
    );
  });

  it('without an id is told to try again, and not stored', async () => {
    const before = await app.count('interactions');
    const { text } = await app.twilio('voice', { ...aCall(aPhone(), aUsNumber()), CallSid: 'no id!' });
    expect(text).toContain('try again in a minute');
    expect(await app.count('interactions')).toBe(before);
  });
});

describe('a caller whose PIN the pool asks for', () => {
  it('is asked once, and again, each time at a step of its own, and then hears that it leads nowhere', async () => {
    const pool = await app.pool({ country: 'US', provider: 'twilio', pin: 'unknown-callers' }, [
      aUsNumber(),
      aUsNumber(),
    ]);
    const order = await app.order(`pin-${pool}`, aPhone(), aPhone(), { pool });
    const call = aCall(aPhone(), order.customer.dials);
    const first = await app.twilio('voice', call);
    expect(first.text).toContain(
      `<Gather input="dtmf" numDigits="10" finishOnKey="#" timeout="10" action="${app.url}/hooks/twilio/voice/pin/1"` +
        ` method="POST" actionOnEmptyResult="true"><Say language="en-US">Please enter the PIN`,
    );
    const second = await app.twilio('voice/pin/1', { ...call, Digits: '0000000000' });
    expect(second.text).toContain(`action="${app.url}/hooks/twilio/voice/pin/2"`);
    expect(second.text).toContain('<Say language="en-US">Please enter the PIN again');
    const last = await app.twilio('voice/pin/2', { ...call, Digits: '0000000000' });
    expect(last.text).not.toMatch(/Gather|Dial/);
    expect(await app.count('interactions', `provider_call_id = '${call.CallSid}' AND reason = 'PIN_WRONG'`)).toBe(1);
    // The same wrong PIN twice is two guesses; asked twice at one step it is one.
    await app.twilio('voice/pin/2', { ...call, Digits: '0000000000' });
    const [{ count }] = await app.dataSource.query(
      'SELECT sum(wrong.count)::integer AS count FROM wrong_pins AS wrong JOIN pools ON pools.id = wrong.pool_id WHERE pools.name = $1',
      [pool],
    );
    expect(count).toBe(2);
  });

  it('is asked so that a key not pressed counts as none', async () => {
    const pool = await app.pool({ country: 'US', provider: 'twilio', pin: 'always' }, [aUsNumber(), aUsNumber()]);
    const customer = aPhone();
    const order = await app.order(`pin-${pool}`, customer, aPhone(), { pool });
    const call = aCall(customer, order.customer.dials);
    expect((await app.twilio('voice', call)).text).toContain('Gather');
    expect((await app.twilio('voice/pin/1', { ...call, Digits: '' })).text).toContain('PIN again');
    expect((await app.twilio('voice/pin/2', call)).text).toContain('<Hangup/>');
  });
});

it('rings, talks and records as the pool says', async () => {
  const policy = { maxRingSeconds: 20, maxCallSeconds: 300, recordCalls: true };
  const pool = await app.pool({ country: 'US', provider: 'twilio', ...policy }, [aUsNumber(), aUsNumber()]);
  const customer = aPhone();
  const order = await app.order(`policy-${pool}`, customer, aPhone(), { pool });
  const { text } = await app.twilio('voice', aCall(customer, order.customer.dials));
  expect(text).toContain('timeout="20" timeLimit="300" record="record-from-answer-dual"');
});

it('tells the callee, before connecting, what the settings say', async () => {
  const { text } = await app.twilio('voice/whisper', aCall(aPhone(), aPhone()));
  expect(text).toContain('<Say>A call about your order &amp; more.</Say>');
});

describe('the end of a call', () => {
  it.each([
    [{ DialCallStatus: 'completed', DialCallDuration: '61', DialBridged: 'true' }, 'completed', 61],
    [{ DialCallStatus: 'completed', DialCallDuration: '2', DialBridged: 'false' }, 'no-answer', 0],
    [{ DialCallStatus: 'answered', DialCallDuration: '5' }, 'completed', 5],
    [{ DialCallStatus: 'completed', DialCallDuration: 'soon' }, 'completed', null],
    [{ DialCallStatus: 'busy' }, 'busy', 0],
    [{ DialCallStatus: 'no-answer', DialCallDuration: '0' }, 'no-answer', 0],
    [{ DialCallStatus: 'failed' }, 'failed', 0],
    [{ DialCallStatus: 'canceled' }, 'canceled', 0],
    [{ DialCallStatus: 'something new' }, null, null],
  ])('by its Dial, %j, is %s', async (result, outcome, talkSeconds) => {
    const { reference, customer, customerDials } = await anOrder();
    const call = aCall(customer, customerDials);
    await app.twilio('voice', call);
    const { text } = await app.twilio('voice/dial-result', { ...call, ...result, DialCallSid: aCallSid() });
    expect(text).toContain('<Response><Hangup/></Response>');
    expect(await interactions(reference)).toMatchObject([{ providerCallId: call.CallSid, outcome, talkSeconds }]);
  });

  it('is told by the callee’s leg too, under the caller’s id, in whichever order and however often', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const call = aCall(customer, customerDials);
    const leg = (CallStatus: string, SequenceNumber: string, CallDuration = '') =>
      app.twilio('voice/status', {
        AccountSid: TWILIO.sid,
        CallSid: aCallSid(),
        ParentCallSid: call.CallSid,
        Direction: 'outbound-dial',
        CallStatus,
        SequenceNumber,
        CallDuration,
      });
    await app.twilio('voice', call);
    expect((await leg('completed', '3', '61')).status).toBe(204);
    await leg('ringing', '1');
    await leg('in-progress', '2');
    await leg('busy', '1');
    await leg('completed', '3', '61');
    await leg('completed', '2', '9');
    expect(await interactions(reference)).toMatchObject([{ state: 'ended', outcome: 'completed', talkSeconds: 61 }]);
  });

  it('is awaited while the leg rings and talks, whatever comes late', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const call = aCall(customer, customerDials);
    await app.twilio('voice', call);
    for (const CallStatus of ['in-progress', 'ringing', 'initiated']) {
      await app.twilio('voice/status', { ParentCallSid: call.CallSid, CallSid: aCallSid(), CallStatus });
    }
    expect(await interactions(reference)).toMatchObject([{ state: 'answered', outcome: null }]);
  });

  it('that was refused is told by the end of the caller’s own leg', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await app.api('POST', `/v1/orders/${reference}/cancel`, {});
    const call = aCall(customer, customerDials);
    await app.twilio('voice', call);
    await app.twilio('voice/status', { ...call, CallStatus: 'completed', CallDuration: '5' });
    expect(await interactions(reference)).toMatchObject([{ outcome: 'refused' }]);
  });

  it('of a connected call is not told by the caller’s leg, which knows of no talk', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const call = aCall(customer, customerDials);
    await app.twilio('voice', call);
    await app.twilio('voice/status', { ...call, CallStatus: 'completed', CallDuration: '5' });
    expect(await interactions(reference)).toMatchObject([{ outcome: null }]);
  });

  it('that comes before the call is known is kept, and joined', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const call = aCall(customer, customerDials);
    await app.twilio('voice/status', { ParentCallSid: call.CallSid, CallSid: aCallSid(), CallStatus: 'busy' });
    await app.twilio('voice', call);
    expect(await interactions(reference)).toMatchObject([{ decision: 'connect', outcome: 'busy' }]);
  });
});

describe('a request is refused with 403 and nothing', () => {
  const path = '/hooks/twilio/voice';
  const form = aCall('+14152019998', '+14152019999', { Repeated: ['b', 'a'], Empty: '' });
  const signed = (url: string, params: Record<string, string | string[]> = form) =>
    formHeaders(webhooks.getExpectedTwilioSignature(TWILIO.authToken, url, params));

  it('but for one that is signed, whatever unknown, repeated and empty parameters it has', async () => {
    expect((await app.request('POST', path, signed(app.url + path), encodeForm(form))).status).toBe(200);
    expect((await app.twilio('voice', { ...form, CallSid: aCallSid() }, { token: NEXT_TOKEN })).status).toBe(200);
  });

  it.each<[string, string, Record<string, string | string[]>]>([
    ['a parameter was changed', '', { ...form, To: '+14152019997' }],
    ['a parameter was added', '', { ...form, More: '1' }],
    ['an empty parameter was left out', '', { ...form, Empty: [] }],
    ['one of a repeated parameter was left out', '', { ...form, Repeated: 'a' }],
    ['a value was trimmed', '', { ...form, To: '+14152019999 ' }],
    ['a query was added', '?tenant=other', form],
  ])('when %s', async (_, query, sent) => {
    const headers = signed(app.url + path);
    expectRefused(await app.request('POST', path + query, headers, encodeForm(sent)));
  });

  it.each([
    ['another scheme', () => app.url.replace('http', 'https') + path],
    ['another host', () => `http://maskline.invalid${path}`],
    ['another path', () => `${app.url}${path}/status`],
  ])('when it was signed for %s', async (_, url) => {
    expectRefused(await app.request('POST', path, signed(url()), encodeForm(form)));
  });

  it.each(['voice', 'voice/pin/1', 'voice/pin/2', 'voice/whisper', 'voice/dial-result', 'voice/status'])(
    'by %s without a signature',
    async (hook) => {
      const headers = { 'content-type': formHeaders('')['content-type']! };
      expectRefused(await app.request('POST', `/hooks/twilio/${hook}`, headers, encodeForm(form)));
      expectRefused(await app.request('POST', `/hooks/twilio/${hook}`, formHeaders('no signature'), encodeForm(form)));
      expectRefused(await app.twilio(hook, form, { token: 'f'.repeat(32) }));
    },
  );

  it.each([
    ['too large', { 'content-type': 'application/x-www-form-urlencoded' }, `a=${'x'.repeat(70_000)}`],
    ['of another type', { 'content-type': 'application/json' }, '{"CallSid":"CA1"}'],
    ['of no type', {}, 'CallSid=CA1'],
  ])('when its body is %s', async (_, headers: Record<string, string>, body) => {
    expectRefused(await app.request('POST', path, { ...headers, 'x-twilio-signature': 'x' }, body));
  });
});
