import { randomBytes } from 'node:crypto';

import { KeptTextsService } from '../../../src/telephony/texts/kept-texts.service.js';
import { aPhone, TestApp, TWILIO, type Body } from '../../support/app.js';

const HOUR = 3_600;

let app: TestApp;
const logged: string[] = [];
beforeAll(async () => {
  app = await TestApp.start({ logTo: (line) => logged.push(line) });
});
afterAll(() => app.stop());

let drawn = 0;
const aUsNumber = () => `+1415205${String((drawn += 1)).padStart(4, '0')}`;

async function anOrder(policy: object = {}) {
  const numbers = [aUsNumber(), aUsNumber()];
  const terms = { country: 'US', provider: 'twilio', texts: 'redacted', textsKeptSeconds: HOUR } as const;
  const pool = await app.pool({ ...terms, ...policy }, numbers);
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `kept-${randomBytes(4).toString('hex')}`;
  const order = await app.order(reference, customer, agent, { pool });
  return { reference, pool, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

async function write(from: string, to: string, body: string): Promise<string> {
  const MessageSid = `SM${randomBytes(16).toString('hex')}`;
  await app.twilio('messages', { MessageSid, AccountSid: TWILIO.sid, From: from, To: to, Body: body, NumMedia: '0' });
  return MessageSid;
}

const read = (reference: string, query = '') => app.api('GET', `/v1/orders/${reference}/texts${query}`);
const words = async (reference: string): Promise<string[]> =>
  (await read(reference)).body.texts.map((text: Body) => text.words);
const audited = async (): Promise<Body[]> => (await app.api('GET', '/v1/audit')).body.entries;

describe('the texts of an order', () => {
  it('are read newest first, with who wrote to whom, masked, and how far they got', async () => {
    const { reference, customer, agent, customerDials, agentDials } = await anOrder();
    const first = await write(customer, customerDials, 'Gate code 4411');
    app.clock.push({ seconds: 5 });
    const second = await write(agent, agentDials, 'On my way');
    await app.twilio(`messages/status?of=${first}`, { MessageSid: 'SM0', MessageStatus: 'delivered' });
    const { status, headers, body, text } = await read(reference);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    const keptUntil = app.clock.now().getTime() + HOUR * 1_000;
    const [ofCustomer, ofAgent] = [customer, agent].map((phone) => `+91••••••••${phone.slice(-2)}`);
    expect(body).toEqual({
      texts: [
        {
          provider: 'twilio',
          providerMessageId: second,
          at: app.clock.now().toISOString(),
          words: 'On my way',
          from: { role: 'agent', phone: ofAgent },
          to: { role: 'customer', phone: ofCustomer },
          removed: 0,
          delivery: null,
          keptUntil: new Date(keptUntil).toISOString(),
        },
        {
          provider: 'twilio',
          providerMessageId: first,
          at: expect.any(String),
          words: 'Gate code 4411',
          from: { role: 'customer', phone: ofCustomer },
          to: { role: 'agent', phone: ofAgent },
          removed: 0,
          delivery: 'delivered',
          keptUntil: new Date(keptUntil - 5_000).toISOString(),
        },
      ],
      nextCursor: null,
    });
    for (const phone of [customer, agent]) expect(text).not.toContain(phone.slice(-10));
  });

  it.each(['redacted', 'on'])('show nobody’s number that was written in them, where texts are %s', async (texts) => {
    const { reference, customer, customerDials } = await anOrder({ texts });
    await write(customer, customerDials, 'call 98765 43210 or mail me@example.com');
    const { body } = await read(reference);
    expect(body.texts).toMatchObject([{ words: 'call [number removed] or mail [address removed]', removed: 2 }]);
  });

  it('come page by page', async () => {
    const { reference, customer, customerDials } = await anOrder();
    for (let count = 1; count <= 5; count += 1) await write(customer, customerDials, `text ${count}`); // at one instant
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await read(reference, `?limit=2${cursor}`);
      seen.push(...body.texts.map((text: Body) => text.words));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(['text 5', 'text 4', 'text 3', 'text 2', 'text 1']);
    expect((await read(reference, '?cursor=nonsense')).status).toBe(400);
  });

  it('are gone with the pool’s time, to the second, forgotten already or not', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await write(customer, customerDials, 'soon gone');
    app.clock.push({ seconds: HOUR - 1 });
    expect(await words(reference)).toEqual(['soon gone']);
    app.clock.push({ seconds: 1 });
    expect(await words(reference)).toEqual([]);
    await app.get(KeptTextsService).forgetWhatIsDue();
    expect(await words(reference)).toEqual([]);
  });

  it('are none where the pool keeps none, and none of those that were not passed on', async () => {
    const silent = await anOrder({ textsKeptSeconds: 0 });
    await write(silent.customer, silent.customerDials, 'not kept');
    expect(await words(silent.reference)).toEqual([]);
    const off = await anOrder({ texts: 'off' });
    await write(off.customer, off.customerDials, 'not passed on');
    expect(await words(off.reference)).toEqual([]);
  });

  it('are its own, and not another’s', async () => {
    const [one, other] = [await anOrder(), await anOrder()];
    await write(one.customer, one.customerDials, 'of one');
    expect(await words(other.reference)).toEqual([]);
  });

  it('outlive the phones of who wrote them, where the pool keeps them longer', async () => {
    const order = await anOrder({ textsKeptSeconds: 7 * 86_400, graceSeconds: 0, quarantineSeconds: 60 });
    await write(order.customer, order.customerDials, 'kept for a week');
    await app.api('POST', `/v1/orders/${order.reference}/complete`);
    await app.pass({ seconds: 1 });
    await app.pass({ seconds: 61 });
    expect((await read(order.reference)).body.texts).toMatchObject([
      { words: 'kept for a week', from: { role: 'customer', phone: null }, to: { role: 'agent', phone: null } },
    ]);
  });

  it('tell an agent who left from the one who came', async () => {
    const order = await anOrder();
    await write(order.agent, order.agentDials, 'of the first');
    const newAgent = aPhone();
    const { body } = await app.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: newAgent });
    await write(newAgent, body.agent.dials, 'of the second');
    const { texts } = (await read(order.reference)).body;
    expect(texts.map((text: Body) => [text.words, text.from.phone?.slice(-2)])).toEqual([
      ['of the second', newAgent.slice(-2)],
      ['of the first', order.agent.slice(-2)],
    ]);
  });
});

describe('whoever asks for them', () => {
  it('is written down, by key and order, each time', async () => {
    const { reference } = await anOrder();
    await read(reference);
    app.clock.push({ seconds: 1 });
    await read(reference);
    const entries = (await audited()).filter(({ about }) => about === reference);
    expect(entries).toMatchObject([
      { what: 'texts.read', who: expect.stringMatching(/^key /), phone: null, at: app.clock.now().toISOString() },
      { what: 'texts.read' },
    ]);
  });

  it('is told nothing when that cannot be written down', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await write(customer, customerDials, 'not for unwritten eyes');
    await app.dataSource.query('ALTER TABLE audit_log ADD CONSTRAINT nobody_asks CHECK (false) NOT VALID');
    try {
      const { status, text } = await read(reference);
      expect(status).toBe(500);
      expect(text).not.toContain('unwritten');
    } finally {
      await app.dataSource.query('ALTER TABLE audit_log DROP CONSTRAINT nobody_asks');
    }
  });

  it('needs the key, and an order that there is', async () => {
    const { reference } = await anOrder();
    expect((await app.request('GET', `/v1/orders/${reference}/texts`, {})).status).toBe(401);
    const unknown = await read('no-such-order');
    expect([unknown.status, unknown.body.type]).toEqual([404, '/problems/order-not-found']);
    expect((await audited()).filter(({ about }) => about === 'no-such-order')).toEqual([]);
  });

  it('leaves no word of them in the log', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await write(customer, customerDials, 'words-that-are-read');
    expect(await words(reference)).toEqual(['words-that-are-read']);
    expect(logged.join('')).not.toContain('words-that-are-read');
  });
});
