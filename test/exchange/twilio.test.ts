import { createHash } from 'node:crypto';

import webhooks from 'twilio/lib/webhooks/webhooks.js';

import { bodySha256, signatureOf } from '../../exchange/twilio/signature.js';
import { readTwiml, RejectedTwiml, VOICE } from '../../exchange/twilio/twiml.js';
import { aPhone, TestApp, TWILIO, type Body } from '../support/app.js';

let app: TestApp;
let pool: string;
beforeAll(async () => {
  app = await TestApp.start({ twilioWhisper: 'A call about your order.' });
  pool = await app.pool({ country: 'US', provider: 'twilio', target: 4, lowWater: 4, maxNumbers: 4 });
  await app.replenish(pool);
});
afterAll(() => app?.stop());

let orders = 0;

async function anOrder(policy: object = {}) {
  await app.api('PATCH', `/v1/pools/${pool}`, { pin: 'off', capacity: 50, ...policy });
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `at-the-exchange-${(orders += 1)}`;
  const order = await app.order(reference, customer, agent, { pool });
  return { reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

const interactions = async (reference: string): Promise<Body[]> =>
  (await app.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

const problems = ({ steps }: Body) => steps.flatMap((step: Body) => ('problem' in step ? [step.problem] : []));

const rest = async (method: string, path: string, form?: Record<string, string>): Promise<Body> => {
  const response = await fetch(`${app.exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`${TWILIO.sid}:${TWILIO.authToken}`).toString('base64')}` },
    ...(form ? { body: new URLSearchParams(form) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
};

describe('the exchange as Twilio', () => {
  it('sells numbers that the app points at itself, and takes no Indian ones', async () => {
    const { body } = await rest('GET', 'IncomingPhoneNumbers.json?PageSize=3');
    expect(body.incoming_phone_numbers).toHaveLength(3);
    expect(body.next_page_uri).toContain('Page=1');
    expect(body.incoming_phone_numbers[0]).toMatchObject({
      phone_number: expect.stringMatching(/^\+1/),
      sms_url: expect.stringMatching(`^${app.url}/hooks/twilio/messages#`),
      voice_url: expect.stringMatching(`^${app.url}/hooks/twilio/voice#`),
    });
    expect(await rest('GET', 'AvailablePhoneNumbers/IN/Local.json')).toMatchObject({
      status: 404,
      body: { code: 20404 },
    });
  });

  it('lets a customer reach the agent, reports how it went, and finds nothing wrong with our answers', async () => {
    const { reference, customer, agent, customerDials, agentDials } = await anOrder();
    const call = await app.place({ from: customer, to: customerDials, talkSeconds: 42 });
    expect(call).toMatchObject({ connected: true, rang: agent, showed: agentDials, exit: 'answered' });
    expect(call.steps).toContainEqual({ heard: 'A call about your order.', by: 'callee' });
    expect(problems(call)).toEqual([]);
    expect(await interactions(reference)).toMatchObject([{ outcome: 'completed', talkSeconds: 42 }]);
  });

  it.each([
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
    ['hangup', 'canceled'],
  ])('reports a callee who is %s', async (callee, outcome) => {
    const { reference, customer, customerDials } = await anOrder();
    const call = await app.place({ from: customer, to: customerDials, callee });
    expect([call.exit, problems(call)]).toEqual(['no-answer', []]);
    expect(await interactions(reference)).toMatchObject([{ outcome, talkSeconds: 0 }]);
  });

  it.each([
    { backwards: true },
    { deliverTwice: true },
    { passthruFirst: true },
    { backwards: true, deliverTwice: true },
  ])('ends the same with %j', async (how) => {
    const { reference, customer, customerDials } = await anOrder();
    expect(problems(await app.place({ from: customer, to: customerDials, ...how }))).toEqual([]);
    expect(await interactions(reference)).toMatchObject([{ decision: 'connect', outcome: 'completed' }]);
  });

  it('lets a stranger hear words, and somebody withheld too', async () => {
    const { customerDials } = await anOrder();
    for (const from of [aPhone(), 'anonymous', '']) {
      const call = await app.place({ from, to: customerDials });
      expect([call.rang, problems(call)]).toEqual([null, []]);
      expect(call.heard[0]).toContain('This number cannot connect your call');
    }
  });

  it('lets a stranger key a PIN', async () => {
    const { customerDials } = await anOrder({ pin: 'unknown-callers' });
    const call = await app.place({ from: aPhone(), to: customerDials, keys: ['000000', '111111#'] });
    expect([call.rang, problems(call)]).toEqual([null, []]);
    expect(call.steps).toContainEqual({ keyed: '111111#' });
    expect(call.heard).toHaveLength(3);
  });

  it('asks the fallback, and then plays its own words, where no answer can be played', async () => {
    const { customer, customerDials } = await anOrder();
    const { body } = await rest('GET', 'IncomingPhoneNumbers.json');
    const { sid } = body.incoming_phone_numbers.find((one: Body) => one.phone_number === customerDials);
    const before = body.incoming_phone_numbers.find((one: Body) => one.phone_number === customerDials).voice_url;
    await rest('POST', `IncomingPhoneNumbers/${sid}.json`, { VoiceUrl: `${app.url}/health/live` });
    const helped = await app.place({ from: customer, to: customerDials });
    expect([
      helped.connected,
      helped.steps.some((step: Body) => step.fallback && step.body.ErrorCode === '11200'),
    ]).toEqual([...[true, true]]);
    await rest('POST', `IncomingPhoneNumbers/${sid}.json`, { VoiceFallbackUrl: '' });
    const broken = await app.place({ from: customer, to: customerDials });
    expect(broken.heard).toEqual(['We are sorry, an application error has occurred. Goodbye.']);
    await rest('POST', `IncomingPhoneNumbers/${sid}.json`, { VoiceUrl: before });
  });

  it('calls somebody for us, and joins them with whom our TwiML dials', async () => {
    const [first, second] = [aPhone(), aPhone()];
    const { agentDials } = await anOrder();
    const Twiml = `<Response><Dial callerId="${agentDials}"><Number>${second}</Number></Dial></Response>`;
    const { status, body } = await rest('POST', 'Calls.json', { To: first, From: agentDials, Twiml });
    expect([status, body.status, body.direction]).toEqual([201, 'queued', 'outbound-api']);
    let call = (await rest('GET', `Calls/${body.sid}.json`)).body;
    for (let tries = 0; call.end_time === null && tries < 50; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      call = (await rest('GET', `Calls/${body.sid}.json`)).body;
    }
    expect(call.status).toBe('completed');
    const { calls } = (await rest('GET', `Calls.json?ParentCallSid=${body.sid}`)).body;
    expect(calls).toMatchObject([{ to: second, from: agentDials, direction: 'outbound-dial', status: 'completed' }]);
    expect(await rest('POST', 'Calls.json', { To: first, From: second, Twiml })).toMatchObject({
      status: 400,
      body: { code: 21210 },
    });
  });
});

describe('TwiML that the exchange does not play', () => {
  const xml =
    (body: string, type = 'text/xml', status = 200) =>
    () =>
      readTwiml({ status, headers: { 'content-type': type }, body }, VOICE);

  it.each([
    ['no success', xml('<Response/>', 'text/xml', 500), 11200],
    ['no XML by its type', xml('<Response/>', 'text/html'), 12300],
    ['not well formed', xml('<Response><Dial></Response>'), 12100],
    ['no Response', xml('<Answer/>'), 12102],
    ['an unknown verb', xml('<Response><Shout/></Response>'), 12200],
    ['an unknown attribute', xml('<Response><Dial callerid="+14152000001">+14152000002</Dial></Response>'), 12200],
    ['a Number outside of a Dial', xml('<Response><Number>+14152000002</Number></Response>'), 12200],
  ])('is %s', (_, read, code) => {
    expect(read).toThrow(RejectedTwiml);
    expect(read).toThrow(String(code));
  });

  it('is nothing of what the verbs really are', () => {
    expect(xml('<Response><Say language="en-IN">a &amp; b</Say><Hangup/></Response>')()).toEqual([
      { name: 'Say', attributes: { language: 'en-IN' }, text: 'a & b', children: [] },
      { name: 'Hangup', attributes: {}, text: '', children: [] },
    ]);
  });
});

describe('what the exchange signs', () => {
  const token = '0123456789abcdef0123456789abcdef';
  const base = 'https://masking.example.test/webhooks/twilio';

  it.each([
    [
      'a form',
      `${base}/voice?tenant=acme`,
      {
        AccountSid: 'AC00000000000000000000000000000001',
        ApiVersion: '2010-04-01',
        CallStatus: 'ringing',
        CallSid: 'CA00000000000000000000000000000001',
        Direction: 'inbound',
        From: '+15005550010',
        To: '+15005550020',
      },
      'y5uzmuYFVrPE1HSbkXov/LRjiRU=',
    ],
    ['a GET', `${base}/voice?tenant=acme&CallSid=CA1`, {}, 'q1bFhd0nSk0fxNRQsX6QcTpCtCc='],
    [
      'a text whose spaces are kept',
      `${base}/sms`,
      {
        Body: ' Gate code 4411 ',
        From: '+15005550010',
        MessageSid: 'SM00000000000000000000000000000001',
        NumMedia: '0',
        To: '+15005550020',
      },
      'cYAmZDUPn9Y35z3zSPmq3woeK+0=',
    ],
    [
      'a JSON body',
      `${base}/json?bodySHA256=93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588`,
      {},
      'DhbvSjhsUq2jDx3g7bHJqWvpvck=',
    ],
  ])('is what Twilio signs: %s', (_, url, parameters: Record<string, string>, signature) => {
    expect(signatureOf(token, url, parameters)).toBe(signature);
    expect(webhooks.validateRequest(token, signature, url, parameters)).toBe(true);
    expect(webhooks.validateRequest(token, signature, `${url}x`, parameters)).toBe(false);
  });

  it('vouches for a JSON body by its hash', () => {
    const url = `${base}/json?bodySHA256=${bodySha256('{"hello":"world"}')}`;
    expect(bodySha256('')).toBe(createHash('sha256').digest('hex'));
    expect(webhooks.validateRequestWithBody(token, 'DhbvSjhsUq2jDx3g7bHJqWvpvck=', url, '{"hello":"world"}')).toBe(
      true,
    );
    expect(webhooks.validateRequestWithBody(token, 'DhbvSjhsUq2jDx3g7bHJqWvpvck=', url, '{"hello":"word"}')).toBe(
      false,
    );
  });
});
