import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';

import { Client } from 'pg';

import { aPhone, HOOK_SECRET, TestApp, type Body } from '../../../support/app.js';

// Mobile numbers, which can receive and send texts.
const NUMBERS = ['+919509000001', '+919509000002'];
const [A, D] = [aPhone(), aPhone()];

let maskline: TestApp;
let order: Body;

beforeAll(async () => {
  maskline = await TestApp.start({ exotelTexts: true, exchange: { owned: NUMBERS } });
  const pool = await maskline.pool({ texts: 'redacted' }, NUMBERS);
  for (const number of NUMBERS) await pointAtTheFlow(number);
  order = await maskline.order('ord-texts', A, D, { pool });
});
afterAll(() => maskline.stop());

async function pointAtTheFlow(number: string): Promise<void> {
  await fetch(`${maskline.exchange.url}/v2_beta/Accounts/acme1/IncomingPhoneNumbers/${number.replace('+91', '0')}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${Buffer.from('key:token').toString('base64')}` },
    body: new URLSearchParams({ VoiceUrl: 'http://my.in.exotel.com/acme1/exoml/start_voice/700001' }),
  });
}

async function operator(method: string, path: string, body?: object): Promise<Body> {
  const response = await fetch(maskline.exchange.url + path, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  return response.json();
}

const sid = () => randomBytes(16).toString('hex');
const write = (text: object) => operator('POST', '/exchange/texts', text);
const arrivedOn = async (phone: string): Promise<Body[]> =>
  (await operator('GET', `/exchange/people/${phone}/texts`)).texts;
const bodiesOn = async (phone: string) => (await arrivedOn(phone)).map(({ body }) => body);
const interactionOf = async (smsSid: string) =>
  (await maskline.api('GET', '/v1/orders/ord-texts/interactions')).body.interactions.find(
    ({ providerCallId }: Body) => providerCallId === smsSid,
  );

async function until<Of>(look: () => Promise<Of>, is: (seen: Of) => boolean): Promise<Of> {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (is(seen) || tries === 100) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** S10, as the query of the classic form. */
const s10 = (more: Record<string, string> = {}) => ({
  SmsSid: sid(),
  From: A.slice(3),
  To: order.customer.dials.replace('+91', '0'),
  Date: '2026-11-22 11:45:00',
  Body: 'Gate code 4411',
  ...more,
});

describe('a text to a number of an Exotel account that passes texts on', () => {
  it.each(['applet', 'portal'])('goes on by the %s, and its delivery is told', async (way) => {
    const text = await write({ from: A, to: order.customer.dials, body: `By ${way}: 98765 43210`, way });
    expect(text.steps.map(({ problem }: Body) => problem)).toEqual(text.steps.map(() => undefined));
    expect(text.replied).toBeNull();
    const arrived = await until(
      () => arrivedOn(D),
      (texts) => texts.some(({ body }) => body === `By ${way}: [number removed]`),
    );
    expect(arrived.at(-1)).toMatchObject({ from: order.agent.dials });
    const listed = await until(
      () => interactionOf(text.smsSid),
      (one) => one.outcome === 'delivered',
    );
    expect(listed).toMatchObject({ kind: 'text', from: 'customer', decision: 'forward', outcome: 'delivered' });
  });

  it('can be answered: the recipient texts the number that is shown', async () => {
    await write({ from: D, to: order.agent.dials, body: 'On my way', deliverTwice: true });
    await until(
      () => bodiesOn(A),
      (bodies) => bodies.includes('On my way'),
    );
    expect((await bodiesOn(A)).filter((body) => body === 'On my way')).toHaveLength(1);
  });

  it('goes on once, however many requests bring it at once', async () => {
    const query = s10({ Body: 'only once' });
    await Promise.all(Array.from({ length: 5 }, () => maskline.exotel('GET', 'sms', query)));
    await until(
      () => bodiesOn(D),
      (bodies) => bodies.includes('only once'),
    );
    expect((await bodiesOn(D)).filter((body) => body === 'only once')).toHaveLength(1);
  });

  it('is not sent again when Exotel did not answer, and may have sent it', async () => {
    await operator('PUT', '/exchange/faults', [{ api: 'sms', kind: 'hang-after-doing', ms: 0, times: 1 }] as object);
    const text = await write({ from: A, to: order.customer.dials, body: 'into the silence', deliverTwice: true });
    expect((await bodiesOn(D)).filter((body) => body === 'into the silence')).toHaveLength(1);
    expect(
      await until(
        () => interactionOf(text.smsSid),
        (one) => one.outcome === 'delivered',
      ),
    ).toMatchObject({
      outcome: 'delivered', // as the callback told all the same
    });
  });

  it('is failed when Exotel refuses it', async () => {
    await operator('PUT', '/exchange/faults', [{ api: 'sms', kind: 'status', status: 402, times: 1 }] as object);
    const text = await write({ from: A, to: order.customer.dials, body: 'no balance' });
    expect(await interactionOf(text.smsSid)).toMatchObject({ decision: 'forward', outcome: 'failed', state: 'ended' });
  });

  it('goes to nobody who told Exotel to send nothing', async () => {
    await operator('PUT', `/exchange/people/${D}`, { whenTexted: 'opted-out' });
    const first = await write({ from: A, to: order.customer.dials, body: 'first' });
    await until(
      () => interactionOf(first.smsSid),
      (one) => one.outcome === 'failed',
    );
    await operator('PUT', `/exchange/people/${D}`, { whenTexted: 'receives' });
    const second = await write({ from: A, to: order.customer.dials, body: 'second' });
    expect(await interactionOf(second.smsSid)).toMatchObject({ decision: 'drop', reason: 'RECIPIENT_OPTED_OUT' });
    await write({ from: D, to: order.agent.dials, body: 'START' });
    const third = await write({ from: A, to: order.customer.dials, body: 'third' });
    expect(await interactionOf(third.smsSid)).toMatchObject({ decision: 'forward' });
  });
});

describe('the callbacks', () => {
  it('answer every text with nothing in text/plain, which is what goes back to the sender', async () => {
    for (const query of [s10(), s10({ From: '9999999999' }), s10({ To: '' }), s10({ Body: '' }), {}]) {
      const { status, headers, text } = await maskline.exotel('GET', 'sms', query as Record<string, string>);
      expect({ status, text, type: headers['content-type'] }).toEqual({ status: 200, text: '', type: 'text/plain' });
    }
  });

  it('answer HEAD with the headers of GET, and do nothing', async () => {
    const before = await maskline.count('interactions');
    const overTheWire = (method: string) =>
      new Promise<object>((resolve, reject) => {
        const url = `${maskline.url}/hooks/exotel/${HOOK_SECRET}/sms?${new URLSearchParams(s10())}`;
        const sent = httpRequest(url, { method }, (answer) => {
          answer.resume();
          const { date: _, 'x-request-id': __, ...headers } = answer.headers;
          resolve({ status: answer.statusCode, headers });
        });
        sent.on('error', reject).end();
      });
    const head = await overTheWire('HEAD');
    expect(await maskline.count('interactions')).toBe(before);
    expect(head).toEqual(await overTheWire('GET'));
  });

  it('are nothing to whoever does not know the secret', async () => {
    for (const path of ['sms', 'sms-status']) {
      const url = `/hooks/exotel/somebody_elses_guess_0001/${path}`;
      expect((await maskline.request('POST', url, {}, {})).status).toBe(404);
    }
    expect((await maskline.exotel('GET', 'sms', s10(), 'somebody_elses_guess_0001')).status).toBe(404);
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['a sender without digits', { From: 'VM-SWIGGY' }],
    ['parameters that come twice', { Body: ['one', 'two'], From: [A, A] }],
    ['a body of 10,000 characters', { Body: '9a'.repeat(5_000) }],
    ['a body of zeros and halves of characters', { Body: '\u0000\ud800' }],
    ['an id that cannot be stored', { SmsSid: "'; DROP TABLE" }],
    ['a number that is no number', { To: '+'.repeat(500) }],
  ])('survive %s', async (_, odd) => {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...s10(), ...odd })) {
      for (const one of [value].flat()) form.append(name, one);
    }
    const answer = await maskline.request(
      'POST',
      `/hooks/exotel/${HOOK_SECRET}/sms`,
      { 'content-type': 'application/x-www-form-urlencoded' },
      form.toString(),
    );
    expect(answer).toMatchObject({ status: 200, text: '' });
  });

  it('answer 503 while the database cannot, and decide the text when it is brought again', async () => {
    const query = s10({ Body: 'brought again' });
    const other = new Client({ connectionString: maskline.database.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
    try {
      expect(await maskline.exotel('GET', 'sms', query)).toMatchObject({ status: 503, text: '' });
    } finally {
      await other.end();
    }
    expect((await maskline.exotel('GET', 'sms', query)).status).toBe(200);
    expect(await interactionOf(query.SmsSid)).toMatchObject({ decision: 'forward' });
  });

  it.each<[Record<string, string>, string | null]>([
    [{ Status: 'sent' }, 'sent'],
    [{ DetailedStatus: 'DELIVERED_TO_OPERATOR' }, 'sent'],
    [{ Status: 'sent', DetailedStatus: 'DELIVERED_TO_HANDSET' }, 'delivered'],
    [{ Status: 'failed', DetailedStatus: 'FAILED_DLT_TEMPLATE' }, 'failed'],
    [{ Status: 'failed-dnd' }, 'failed'],
    [{ Status: 'queued' }, null],
    [{}, null],
  ])('read the status %j as %j', async (fields, outcome) => {
    const text = s10({ To: order.agent.dials, From: D, Body: `status ${sid()}` });
    await operator('PUT', `/exchange/people/${A}`, { whenTexted: 'unreachable' });
    await operator('PUT', '/exchange/faults', [{ api: 'sms', kind: 'cut', times: 1 }] as object); // so that nothing else is told
    await maskline.exotel('GET', 'sms', text);
    const path = `/hooks/exotel/${HOOK_SECRET}/sms-status?of=${text.SmsSid}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await maskline.request(
      'POST',
      path,
      type,
      new URLSearchParams({ SmsSid: sid(), ...fields }).toString(),
    );
    expect(answer.status).toBe(200);
    expect((await interactionOf(text.SmsSid)).outcome).toBe(outcome);
    await maskline.exotel('GET', 'sms', s10({ Body: 'START' })); // for the rows that follow a FAILED_DND
  });
});

describe('an account that passes no texts on', () => {
  it('drops them, says why, and sends nothing', async () => {
    const without = await TestApp.start();
    const pool = await without.pool({}, NUMBERS);
    const { customer } = await without.order('ord-silent', A, D, { pool });
    const query = s10({ To: customer.dials });
    expect(await without.exotel('GET', 'sms', query)).toMatchObject({ status: 200, text: '' });
    const { body } = await without.api('GET', '/v1/orders/ord-silent/interactions');
    expect(body.interactions).toMatchObject([{ kind: 'text', decision: 'drop', reason: 'TEXTS_UNAVAILABLE' }]);
    await without.stop();
  });
});
