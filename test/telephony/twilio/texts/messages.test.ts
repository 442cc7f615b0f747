import { randomBytes } from 'node:crypto';

import { aPhone, NEXT_TOKEN, TestApp, TWILIO, type Body } from '../../../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const aSid = () => `SM${randomBytes(16).toString('hex')}`;
let drawn = 0;
const aUsNumber = () => `+1415202${String((drawn += 1)).padStart(4, '0')}`;

/** A text as Twilio posts it. */
const aMessage = (from: string, to: string, body: string, more: Record<string, string | string[]> = {}) => {
  const sid = aSid();
  return {
    MessageSid: sid,
    SmsSid: sid,
    SmsMessageSid: sid,
    AccountSid: TWILIO.sid,
    MessagingServiceSid: '',
    From: from,
    To: to,
    Body: body,
    NumSegments: '1',
    NumMedia: '0',
    FromCountry: 'US',
    ...more,
  };
};

async function anOrder(policy: object = {}) {
  const pool = await app.pool({ country: 'US', provider: 'twilio', texts: 'redacted', ...policy }, [
    aUsNumber(),
    aUsNumber(),
  ]);
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await app.order(reference, customer, agent, { pool });
  return { reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials, order };
}

const interactions = async (reference: string): Promise<Body[]> =>
  (await app.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;
const SILENCE = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

describe('a text', () => {
  it('is passed on from the number that the recipient answers to, without phone numbers', async () => {
    const { customer, agent, customerDials, agentDials, order } = await anOrder();
    expect(order.texts).toBe('redacted');
    const message = aMessage(customer, customerDials, 'Code 4411 & call 98765 43210 <now>');
    const { status, headers, text } = await app.twilio('messages', message);
    expect([status, headers['content-type']]).toEqual([200, 'text/xml; charset=utf-8']);
    expect(text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><Response><Message to="${agent}" from="${agentDials}"` +
        ` action="${app.url}/hooks/twilio/messages/status?of=${message.MessageSid}" method="POST">` +
        'Code 4411 &amp; call [number removed] &lt;now&gt;</Message></Response>',
    );
  });

  it('that comes again is answered the same, and listed once', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const message = aMessage(customer, customerDials, 'hello');
    const first = await app.twilio('messages', message);
    expect((await app.twilio('messages', { ...message, ErrorCode: '11205' })).text).toBe(first.text);
    expect(await interactions(reference)).toMatchObject([{ kind: 'text', provider: 'twilio', segments: 1 }]);
  });

  it('goes without its pictures, and to nobody when it is only a picture', async () => {
    const { customer, customerDials } = await anOrder();
    const picture = { NumMedia: '1', MediaUrl0: 'https://api.example.test/m.jpg', MediaContentType0: 'image/jpeg' };
    const both = await app.twilio('messages', aMessage(customer, customerDials, 'see picture', picture));
    expect(both.text).toContain('>see picture</Message>');
    expect(both.text).not.toContain('Media');
    expect((await app.twilio('messages', aMessage(customer, customerDials, '', picture))).text).toBe(SILENCE);
  });

  it.each([
    ['of a stranger', () => aPhone(), 'hello'],
    ['from a short code', () => '72345', 'hello'],
    ['from a withheld number', () => '+266696687', 'hello'],
  ])('%s goes to nobody, and is not answered', async (_, from, body) => {
    const { customerDials } = await anOrder();
    expect((await app.twilio('messages', aMessage(from(), customerDials, body))).text).toBe(SILENCE);
  });

  it('that says STOP is not passed on, nor is what comes for its sender then', async () => {
    const { reference, customer, agent, customerDials, agentDials } = await anOrder();
    expect((await app.twilio('messages', aMessage(customer, customerDials, 'STOP'))).text).toBe(SILENCE);
    expect((await app.twilio('messages', aMessage(agent, agentDials, 'hi'))).text).toBe(SILENCE);
    const again = aMessage(customer, customerDials, 'DEPART', { OptOutType: 'START' });
    expect((await app.twilio('messages', again)).text).toBe(SILENCE);
    expect((await app.twilio('messages', aMessage(agent, agentDials, 'hi'))).text).toContain('<Message');
    expect((await interactions(reference)).map(({ reason }) => reason)).toEqual([
      ...['OPTED_OUT', 'RECIPIENT_OPTED_OUT', 'OPTED_IN', 'FORWARDED'],
    ]);
  });

  it.each(['\u0000\u0001\ud800', '🙂'.repeat(1_000), '<![CDATA[', '&#0;', ']]>', ' '])(
    'of %j is answered in sound XML',
    async (body) => {
      const { customer, customerDials } = await anOrder();
      const { status, text } = await app.twilio('messages', aMessage(customer, customerDials, `a${body}`));
      expect(status).toBe(200);
      expect(text).toMatch(/^<\?xml [^>]*\?><Response><Message [^>]*>a[^<]*<\/Message><\/Response>$/u);
    },
  );

  it('without an id is not stored', async () => {
    const { customer, customerDials } = await anOrder();
    const before = await app.count('interactions');
    const nameless = { From: customer, To: customerDials, Body: 'hello' };
    expect((await app.twilio('messages', nameless)).text).toBe(SILENCE);
    expect(await app.count('interactions')).toBe(before);
  });

  it('is in no pool of India, where Twilio passes none on', async () => {
    const opened = await app.api('POST', '/v1/pools', {
      name: 'in-texts',
      country: 'IN',
      provider: 'twilio',
      texts: 'on',
    });
    expect(opened).toMatchObject({ status: 422, body: { type: '/problems/texts-unavailable', provider: 'twilio' } });
  });
});

describe('what became of it', () => {
  const passOn = async () => {
    const order = await anOrder();
    const message = aMessage(order.customer, order.customerDials, 'hello');
    await app.twilio('messages', message);
    return { ...order, path: `messages/status?of=${message.MessageSid}` };
  };
  const aStatus = (MessageStatus: string, more: Record<string, string> = {}) => ({
    MessageSid: aSid(),
    AccountSid: TWILIO.sid,
    MessageStatus,
    ...more,
  });

  it.each([
    [['queued', 'sending'], null],
    [['delivered', 'sent', 'queued'], 'delivered'],
    [['sent', 'undelivered'], 'failed'],
  ])('is told by %j', async (statuses, outcome) => {
    const { reference, path } = await passOn();
    for (const status of statuses) expect((await app.twilio(path, aStatus(status))).status).toBe(204);
    expect(await interactions(reference)).toMatchObject([{ outcome }]);
  });

  it('by 21610 is that its recipient has said STOP to Twilio', async () => {
    const { reference, customer, customerDials, path } = await passOn();
    await app.twilio(path, aStatus('failed', { ErrorCode: '21610' }));
    expect((await app.twilio('messages', aMessage(customer, customerDials, 'and now?'))).text).toBe(SILENCE);
    expect(await interactions(reference)).toMatchObject([{ outcome: 'failed' }, { reason: 'RECIPIENT_OPTED_OUT' }]);
  });
});

describe('the signature', () => {
  it.each(['messages', 'messages/status?of=SM1'])('is asked of %s, and both tokens are good', async (path) => {
    const message = aMessage(aPhone(), aUsNumber(), ' Gate code 4411 ');
    const good = await app.twilio(path, message, { token: NEXT_TOKEN });
    expect(good.status).toBeLessThan(300);
    const bad = await app.twilio(path, message, { token: 'f'.repeat(32) });
    expect({ status: bad.status, text: bad.text }).toEqual({ status: 403, text: '' });
  });

  it('covers the id in the query', async () => {
    const elsewhere = await app.twilio(
      'messages/status?of=SM2',
      { MessageStatus: 'sent' },
      { url: 'https://other.test' },
    );
    expect(elsewhere.status).toBe(403);
  });
});
