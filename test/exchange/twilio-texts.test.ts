import { randomBytes } from 'node:crypto';

import webhooks from 'twilio/lib/webhooks/webhooks.js';

import { aPhone, encodeForm, formHeaders, TestApp, TWILIO, type Body } from '../support/app.js';
import { startPretendTwiml, type PretendTwiml } from './pretend-twiml.js';

// The application and the exchange, with nothing but HTTP between them.

let app: TestApp;
let pool: string;
beforeAll(async () => {
  app = await TestApp.start();
  pool = await app.pool({ country: 'US', provider: 'twilio', target: 4, lowWater: 4, maxNumbers: 4 });
  await app.replenish(pool);
});
afterAll(() => app?.stop());

async function anOrder(policy: object = {}) {
  await app.api('PATCH', `/v1/pools/${pool}`, { texts: 'redacted', capacity: 50, ...policy });
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `texts-at-the-exchange-${randomBytes(4).toString('hex')}`;
  const order = await app.order(reference, customer, agent, { pool });
  return { reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

const operator = async (method: string, path: string, body?: object): Promise<{ status: number; body: Body }> => {
  const response = await fetch(`${app.exchange.url}/exchange/${path}`, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: await response.json() };
};
const write = async (text: object): Promise<Body> => {
  const { status, body } = await operator('POST', 'texts', text);
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
};
const arrivedOn = async (phone: string): Promise<Body[]> => (await operator('GET', `people/${phone}/texts`)).body.texts;
const whenTexted = (phone: string, habit: string) => operator('PUT', `people/${phone}`, { whenTexted: habit });
const problems = ({ steps }: Body) => steps.flatMap(({ problem }: Body) => problem ?? []);
const interactions = async (reference: string): Promise<Body[]> =>
  (await app.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

/** One of the account's numbers, over REST. */
const rest = async (number: string, settings: Record<string, string>) => {
  const authorization = `Basic ${Buffer.from(`${TWILIO.sid}:${TWILIO.authToken}`).toString('base64')}`;
  const account = `${app.exchange.url}/2010-04-01/Accounts/${TWILIO.sid}`;
  const list = await fetch(`${account}/IncomingPhoneNumbers.json`, { headers: { authorization } });
  const { incoming_phone_numbers: owned } = (await list.json()) as Body;
  const { sid } = owned.find(({ phone_number: one }: Body) => one === number);
  const body = new URLSearchParams(settings);
  return fetch(`${account}/IncomingPhoneNumbers/${sid}.json`, { method: 'POST', headers: { authorization }, body });
};

describe('a text to a number of Twilio’s', () => {
  it('arrives at the other side from the number that it answers to, redacted, and the answer comes back', async () => {
    const { reference, customer, agent, customerDials, agentDials } = await anOrder();
    const there = await write({ from: customer, to: customerDials, body: 'Gate code 4411, or call 98765 43210 🙂' });
    expect(problems(there)).toEqual([]);
    expect(there.replied).toBeNull();
    expect(await arrivedOn(agent)).toMatchObject([
      { from: agentDials, to: agent, body: 'Gate code 4411, or call [number removed] 🙂' },
    ]);
    const back = await write({ from: agent, to: (await arrivedOn(agent))[0]!.from, body: 'On my way' });
    expect(problems(back)).toEqual([]);
    expect(await arrivedOn(customer)).toMatchObject([{ from: customerDials, body: 'On my way' }]);
    expect(await interactions(reference)).toMatchObject([
      { kind: 'text', provider: 'twilio', from: 'customer', reason: 'FORWARDED', outcome: 'delivered', segments: 1 },
      { kind: 'text', provider: 'twilio', from: 'agent', reason: 'FORWARDED', outcome: 'delivered', segments: 1 },
    ]);
  });

  it('is signed for, as is what is told of it: the package that the app checks with agrees', async () => {
    const { customer, customerDials } = await anOrder();
    const { steps } = await write({ from: customer, to: customerDials, body: ' spaces & ünïcode ' });
    expect(steps.map(({ asked, status }: Body) => [asked, status])).toEqual([
      ['POST /hooks/twilio/messages', 200],
      ...Array.from({ length: 3 }, () => ['POST /hooks/twilio/messages/status', 204]),
    ]);
  });

  it.each([
    ['other words', (form: Record<string, string>) => ({ ...form, Body: 'other words' })],
    ['another sender', (form: Record<string, string>) => ({ ...form, From: aPhone() })],
    ['a parameter more', (form: Record<string, string>) => ({ ...form, OptOutType: 'STOP' })],
    ['a parameter less', ({ NumMedia: _, ...form }: Record<string, string>) => form],
  ])('with a tampered signature (%s) is refused with 403, and nothing in the answer', async (_, tamper) => {
    const { reference, customer, customerDials } = await anOrder();
    const url = `${app.url}/hooks/twilio/messages`;
    const form = { MessageSid: 'SM1', From: customer, To: customerDials, Body: 'as it was signed', NumMedia: '0' };
    const signature = webhooks.getExpectedTwilioSignature(TWILIO.authToken, url, form);
    const send = (fields: Record<string, string>) =>
      fetch(url, { method: 'POST', headers: formHeaders(signature), body: encodeForm(fields) });
    const refused = await send(tamper(form));
    expect([refused.status, await refused.text()]).toEqual([403, '']);
    expect(await interactions(reference)).toEqual([]);
    expect((await send(form)).status).toBe(200);
    expect(await interactions(reference)).toHaveLength(1);
    await app.dataSource.query(`DELETE FROM interactions WHERE provider_call_id = 'SM1'`);
  });

  it('brings its pictures to nobody', async () => {
    const { customer, agent, customerDials } = await anOrder();
    const both = await write({ from: customer, to: customerDials, body: 'see', media: ['image/jpeg', 'image/png'] });
    expect(both.smsSid).toMatch(/^MM/);
    expect(both.steps[0].body).toMatchObject({
      NumMedia: '2',
      MediaContentType0: 'image/jpeg',
      MediaContentType1: 'image/png',
      MediaUrl1: expect.stringMatching(`/Messages/${both.smsSid}/Media/ME`),
    });
    await write({ from: customer, to: customerDials, body: '', media: ['image/jpeg'] });
    expect((await arrivedOn(agent)).map(({ body, media }) => [body, media])).toEqual([['see', undefined]]);
  });

  it.each([
    ['receives', 'delivered', ['queued', 'sent', 'delivered']],
    ['unreachable', 'failed', ['queued', 'sent', 'undelivered']],
    ['opted-out', 'failed', ['failed']],
  ])('to somebody who is %s is recorded as %s', async (habit, outcome, told) => {
    const { reference, customer, agent, customerDials } = await anOrder();
    await whenTexted(agent, habit);
    const { steps } = await write({ from: customer, to: customerDials, body: 'hello' });
    expect(steps.slice(1).map(({ body }: Body) => body.MessageStatus)).toEqual(told);
    expect(await interactions(reference)).toMatchObject([{ outcome }]);
    expect(await arrivedOn(agent)).toHaveLength(habit === 'receives' ? 1 : 0);
  });

  it.each([{ deliverTwice: true }, { backwards: true }, { deliverTwice: true, backwards: true, delayMs: 20 }])(
    'ends the same with %j',
    async (how) => {
      const { reference, customer, agent, customerDials } = await anOrder();
      expect(problems(await write({ from: customer, to: customerDials, body: 'hello', ...how }))).toEqual([]);
      expect(await arrivedOn(agent)).toHaveLength(1);
      expect(await interactions(reference)).toMatchObject([{ decision: 'forward', outcome: 'delivered' }]);
    },
  );

  it('whose end is never told is not known to have arrived', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await write({ from: customer, to: customerDials, body: 'hello', skipStatus: true });
    expect(await interactions(reference)).toMatchObject([{ decision: 'forward', outcome: null }]);
  });

  it('of somebody withheld, and of a stranger, reaches nobody', async () => {
    const { agent, customerDials } = await anOrder();
    for (const from of ['', 'anonymous', aPhone()]) {
      const { steps } = await write({ from, to: customerDials, body: 'hello' });
      expect(steps).toMatchObject([{ status: 200, answered: expect.stringContaining('<Response/>') }]);
    }
    expect(await arrivedOn(agent)).toEqual([]);
  });

  it('that says STOP is heeded by Twilio and by us, until START', async () => {
    const { reference, customer, agent, customerDials, agentDials } = await anOrder();
    await write({ from: agent, to: agentDials, body: 'Stop' });
    expect((await arrivedOn(agent)).map(({ from, body }) => [from, body.slice(0, 25)])).toEqual([
      [agentDials, 'You have successfully bee'],
    ]);
    await write({ from: customer, to: customerDials, body: 'are you there?' });
    await write({ from: agent, to: agentDials, body: 'START' });
    await write({ from: customer, to: customerDials, body: 'and now?' });
    expect((await arrivedOn(agent)).at(-1)).toMatchObject({ from: agentDials, body: 'and now?' });
    expect((await interactions(reference)).map(({ reason }) => reason)).toEqual([
      ...['OPTED_OUT', 'RECIPIENT_OPTED_OUT', 'OPTED_IN', 'FORWARDED'],
    ]);
  });

  it('is asked for at the fallback URL where the first gives no answer, and arrives', async () => {
    const { reference, customer, agent, customerDials } = await anOrder();
    const ours = `${app.url}/hooks/twilio/messages`;
    await rest(customerDials, { SmsUrl: `${app.url}/health/live` });
    try {
      const { steps } = await write({ from: customer, to: customerDials, body: 'hello' });
      expect(steps[1]).toMatchObject({ fallback: true, status: 200, body: { ErrorCode: '11200' } });
      expect(await arrivedOn(agent)).toHaveLength(1);
      await rest(customerDials, { SmsFallbackUrl: '' });
      expect((await write({ from: customer, to: customerDials, body: 'lost' })).steps).toHaveLength(1);
      expect(await interactions(reference)).toHaveLength(1);
    } finally {
      await rest(customerDials, { SmsUrl: ours, SmsFallbackUrl: ours });
    }
  });
});

describe('what an answer may send', () => {
  let pretend: PretendTwiml;
  let number: string;
  let other: string;
  beforeAll(async () => {
    pretend = await startPretendTwiml();
    const { customerDials, agentDials } = await anOrder();
    [number, other] = [customerDials, agentDials];
    await rest(number, { SmsUrl: pretend.url, SmsFallbackUrl: '' });
  });
  afterAll(async () => {
    await rest(number, { SmsUrl: `${app.url}/hooks/twilio/messages` });
    await pretend.close();
  });

  const answered = async (twiml: string, from = aPhone()) => {
    pretend.answers = { '/': `<Response>${twiml}</Response>` };
    return { from, ...(await write({ from, to: number, body: 'hello' })) };
  };

  it('goes back to the sender, from the number texted, where neither is named', async () => {
    const { from, replied } = await answered('<Message>thank you</Message>');
    expect(replied).toBe('thank you');
    expect(await arrivedOn(from)).toMatchObject([{ from: number, body: 'thank you' }]);
  });

  it('has a body and media of its own, and another document', async () => {
    const to = aPhone();
    const message = `<Message to="${to}" from="${other}"><Body>look</Body><Media>https://x.test/1.jpg</Media></Message>`;
    pretend.answers = {
      '/': '<Response><Redirect>/next</Redirect></Response>',
      '/next': `<Response>${message}</Response>`,
    };
    await write({ from: aPhone(), to: number, body: 'hello' });
    expect(await arrivedOn(to)).toMatchObject([{ from: other, body: 'look', media: ['https://x.test/1.jpg'] }]);
  });

  it.each([
    ['<Message to="09000000001">x</Message>', /^14101/],
    ['<Message from="+14155550100">x</Message>', /^14102/],
    ['<Message></Message>', /^14103/],
    [`<Message>${'x'.repeat(1_601)}</Message>`, /^21617/],
    ['<Message colour="red">x</Message>', /^12200/],
    ['<Dial>+14155550100</Dial>', /^12200/],
  ])('is nothing where the provider finds fault: %s', async (twiml, problem) => {
    const { from, steps } = await answered(twiml);
    expect(steps[0].problem).toMatch(problem);
    expect(await arrivedOn(from)).toEqual([]);
  });

  it('does not go round for ever', async () => {
    const { steps } = await answered('<Redirect>/</Redirect>');
    expect(steps.length).toBeLessThan(30);
  });
});

it('the operator is told what a text cannot be', async () => {
  const { customer, customerDials } = await anOrder();
  const refused = async (more: object) => {
    const { status, body } = await operator('POST', 'texts', { from: customer, to: customerDials, body: 'x', ...more });
    return `${status} ${body.error}`;
  };
  expect(await refused({ way: 'portal' })).toMatch(/^400 A text to a number of Twilio has the unknown field "way"/);
  expect(await refused({ media: ['jpeg'] })).toMatch(/^400 "media" must be a list of content types/);
  expect(await refused({ media: Array.from({ length: 11 }, () => 'image/png') })).toMatch(/^400 "media" must be 10/);
  await rest(customerDials, { SmsUrl: '' });
  expect(await refused({})).toMatch(/^422 .* has no sms_url/);
  await rest(customerDials, { SmsUrl: `${app.url}/hooks/twilio/messages` });
});
