import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

import { RecentTries } from '../../../src/telephony/tries/recent-tries.js';
import { aPhone, TestApp, TWILIO, type Body } from '../../support/app.js';

// Each test is named after its case in the list of edge cases that phone-number masking has.

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

let drawn = 0;
const aUsNumber = () => `+1415203${String((drawn += 1)).padStart(4, '0')}`;
const pick = (text: string, attribute: string) => new RegExp(`${attribute}="([^"]*)"`).exec(text)?.[1];

async function anOrder(policy: object = {}, pair = { customer: aPhone(), agent: aPhone() }) {
  const numbers = [aUsNumber(), aUsNumber()];
  const pool = await app.pool({ country: 'US', provider: 'twilio', texts: 'redacted', ...policy }, numbers);
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await app.order(reference, pair.customer, pair.agent, { pool });
  return { reference, pool, ...pair, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

/** What Twilio is told to do with a text; null = nothing. */
async function text(from: string, to: string, body = 'hello', more: Record<string, string> = {}) {
  const MessageSid = `SM${randomBytes(16).toString('hex')}`;
  const form = { MessageSid, AccountSid: TWILIO.sid, From: from, To: to, Body: body, NumMedia: '0', ...more };
  const answer = (await app.twilio('messages', form)).text;
  if (!answer.includes('<Message')) return null;
  return { to: pick(answer, 'to'), from: pick(answer, 'from'), body: />([^<]*)<\/Message>/.exec(answer)?.[1] };
}

const reasons = async (reference: string): Promise<string[]> =>
  (await app.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions.map(({ reason }: Body) => reason);

it('Two orders, same two people', async () => {
  const first = await anOrder();
  const second = await anOrder({}, first);
  expect(await text(first.customer, first.customerDials)).toMatchObject({ from: first.agentDials });
  expect(await text(first.customer, second.customerDials)).toMatchObject({ from: second.agentDials });
  expect([(await reasons(first.reference)).length, (await reasons(second.reference)).length]).toEqual([1, 1]);
});

it('One person is customer in one order and agent in another', async () => {
  const first = await anOrder();
  const second = await anOrder({}, { customer: first.agent, agent: aPhone() });
  expect(await text(first.agent, second.customerDials)).toMatchObject({ to: second.agent, from: second.agentDials });
  expect(await text(first.agent, first.agentDials)).toMatchObject({ to: first.customer, from: first.customerDials });
});

it('Same number registered by two people (family phone)', async () => {
  const first = await anOrder();
  const second = await anOrder({}, { customer: first.customer, agent: aPhone() });
  expect(await text(first.agent, first.agentDials)).toMatchObject({ to: first.customer, from: first.customerDials });
  expect(await text(second.agent, second.agentDials)).toMatchObject({ to: first.customer, from: second.customerDials });
});

it('Participant dials the VN that stands for itself', async () => {
  const { customer, agentDials, reference } = await anOrder();
  expect(await text(customer, agentDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['SELF_CALL']);
});

it('Caller is another VN of ours', async () => {
  const { customerDials, agentDials, reference } = await anOrder();
  expect(await text(agentDials, customerDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['LOOP']);
});

it('Withheld, malformed, short or foreign-format CLI', async () => {
  const { customer, customerDials } = await anOrder();
  for (const sender of ['', 'anonymous', '+266696687', '72345', 'VM-SHOP', customer.slice(-7)]) {
    expect(await text(sender, customerDials)).toBeNull();
  }
});

it('Operator changed the CLI (diverted, roaming, +0, missing country code)', async () => {
  const { agent, customerDials } = await anOrder({}, { customer: '+14155550111', agent: '+14155550122' });
  for (const sender of ['4155550111', '14155550111', ' 14155550111', '0014155550111', '(415) 555-0111']) {
    expect([sender, await text(sender, customerDials)]).toMatchObject([sender, { to: agent }]);
  }
});

it('Call after the end, in grace, then in quarantine, then when the VN serves others', async () => {
  const { customer, customerDials, reference } = await anOrder({ graceSeconds: 60, quarantineSeconds: 60 });
  await app.api('POST', `/v1/orders/${reference}/complete`);
  expect(await text(customer, customerDials)).not.toBeNull();
  await app.pass({ seconds: 60 });
  expect(await text(customer, customerDials)).toBeNull();
  await app.pass({ seconds: 61 });
  expect(await text(customer, customerDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['FORWARDED_IN_GRACE', 'ORDER_ENDED']); // the last is of no order any more
});

it('Agent replaced', async () => {
  const { reference, customer, agent, customerDials, agentDials } = await anOrder();
  const newAgent = aPhone();
  await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: newAgent });
  expect(await text(customer, customerDials)).toMatchObject({ to: newAgent });
  expect(await text(agent, agentDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['FORWARDED', 'ORDER_ENDED']);
});

it('Duplicate webhook (same call id)', async () => {
  const { customer, customerDials, reference } = await anOrder();
  const again = { MessageSid: 'SM0123456789' };
  expect(await text(customer, customerDials, 'once', again)).toEqual(
    await text(customer, customerDials, 'once', again),
  );
  expect(await reasons(reference)).toHaveLength(1);
});

it('Provider timeout while we answer, and replay of an old signed webhook', async () => {
  const { customer, customerDials, reference } = await anOrder({ graceSeconds: 0, quarantineSeconds: 60 });
  const same = { MessageSid: 'SM0123456790' };
  const both = await Promise.all([0, 1].map(() => text(customer, customerDials, 'twice at once', same)));
  expect(both[0]).not.toBeNull();
  expect(both[1]).toEqual(both[0]);
  await app.api('POST', `/v1/orders/${reference}/complete`);
  await app.pass({ seconds: 1 });
  await app.pass({ seconds: 61 });
  expect(await text(customer, customerDials, 'twice at once', same)).toBeNull(); // nobody's phone is left to send it to
  expect(await reasons(reference)).toEqual(['FORWARDED']);
});

it('Status events late, repeated, out of order', async () => {
  const { customer, customerDials, reference } = await anOrder();
  await text(customer, customerDials, 'hello', { MessageSid: 'SM0123456791' });
  for (const MessageStatus of ['delivered', 'sent', 'queued', 'undelivered', 'sent']) {
    await app.twilio('messages/status?of=SM0123456791', { MessageSid: 'SM9', MessageStatus });
  }
  const { interactions } = (await app.api('GET', `/v1/orders/${reference}/interactions`)).body;
  expect(interactions).toMatchObject([{ outcome: 'delivered' }]);
});

it('Database down', async () => {
  const { customer, customerDials, reference } = await anOrder();
  const other = new Client({ connectionString: app.database.url });
  await other.connect();
  await other.query('BEGIN; LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
  const form = { MessageSid: 'SM0123456792', From: customer, To: customerDials, Body: 'brought again', NumMedia: '0' };
  try {
    expect(await app.twilio('messages', form)).toMatchObject({ status: 503, text: '' }); // so Twilio brings it again
  } finally {
    await other.end();
  }
  expect((await app.twilio('messages', form)).text).toContain('brought again');
  expect(await reasons(reference)).toEqual(['FORWARDED']);
});

it.each(['resting', 'suspended', 'draining'])('VN labelled spam, or put out of use (%s)', async (status) => {
  const { customer, agent, customerDials } = await anOrder();
  await app.dataSource.query('UPDATE virtual_numbers SET status = $2 WHERE number = $1', [customerDials, status]);
  expect(await text(customer, customerDials)).toMatchObject({ to: agent });
});

it('Webhook without or with bad signature', async () => {
  const before = await app.count('interactions');
  const answer = await app.twilio('messages', { MessageSid: 'SM1', Body: 'x' }, { token: 'f'.repeat(32) });
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 403, text: '' });
  expect(await app.count('interactions')).toBe(before);
});

it('Number used for bulk texting', async () => {
  const { customer, customerDials, agentDials, reference } = await anOrder();
  const allowance = { subject: `texts from ${agentDials}`, most: 300, withinSeconds: 3_600 };
  for (let sent = 0; sent < 300; sent += 1) await app.get(RecentTries).take(allowance, `other ${sent}`);
  // A link that writes little is not stopped by what the others of its number send.
  expect(await text(customer, customerDials)).not.toBeNull();
  const [{ id }] = await app.dataSource.query('SELECT id FROM orders WHERE reference = $1', [reference]);
  const ofLink = {
    subject: `texts of order ${id} between agent and customer in the hour`,
    most: 20,
    withinSeconds: 3_600,
  };
  for (let sent = 0; sent < 20; sent += 1) await app.get(RecentTries).take(ofLink, `own ${sent}`);
  expect(await text(customer, customerDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['FORWARDED', 'CAP_REACHED']);
  app.clock.push({ hours: 1 });
  expect(await text(customer, customerDials, 'later')).not.toBeNull();
});

it('Text holds a phone number, address, e-mail', async () => {
  const { customer, customerDials } = await anOrder({ textsKeptSeconds: 60 });
  const words = 'nine eight 7654 ३२१० or me@example.com, see example dot com. Gate code 4411';
  expect((await text(customer, customerDials, words))?.body).toBe(
    '[number removed] or [address removed], see [link removed]. Gate code 4411',
  );
  const rows = await app.dataSource.query('SELECT kept_texts::text AS row FROM kept_texts');
  expect(JSON.stringify(rows)).not.toContain('7654');
});

it('Text says STOP', async () => {
  const { customer, agent, customerDials, agentDials, reference } = await anOrder();
  expect((await text(customer, customerDials, 'please stop, and cancel my order'))?.body).toContain('cancel my order');
  expect(await text(customer, customerDials, 'stop')).toBeNull();
  expect(await text(agent, agentDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['FORWARDED', 'OPTED_OUT', 'RECIPIENT_OPTED_OUT']);
});

it('Auto-replies both ways ("I\'m driving")', async () => {
  const { customer, agent, customerDials, agentDials } = await anOrder();
  let passed = 0;
  for (let round = 0; round < 20; round += 1) {
    if (await text(customer, customerDials, "I'm driving, will call back")) passed += 1;
    if (await text(agent, agentDials, 'Automatic reply: I am busy now')) passed += 1;
  }
  expect(passed).toBe(4);
});

it('MMS, long text, emoji', async () => {
  const { customer, customerDials, reference } = await anOrder();
  const picture = { NumMedia: '1', MediaUrl0: 'https://example.test/1.jpg', MediaContentType0: 'image/jpeg' };
  expect(await text(customer, customerDials, '', picture)).toBeNull();
  expect((await text(customer, customerDials, 'with a picture', picture))?.body).toBe('with a picture');
  await text(customer, customerDials, 'long words '.repeat(30));
  await text(customer, customerDials, '🙂'.repeat(36));
  const { interactions } = (await app.api('GET', `/v1/orders/${reference}/interactions`)).body;
  expect(interactions.map(({ segments }: Body) => segments)).toEqual([null, 1, 3, 2]);
});

it('Harassing calls', async () => {
  const { customer, customerDials, reference } = await anOrder({
    quietHours: { from: '05:00', until: '07:00', timeZone: 'UTC' },
  });
  app.clock.push({ hours: (24 + 6 - app.clock.now().getUTCHours()) % 24 });
  expect(await text(customer, customerDials)).toBeNull();
  expect(await reasons(reference)).toEqual(['QUIET_HOURS']);
});

it('Right to erasure', async () => {
  const { customer, customerDials, reference } = await anOrder({ graceSeconds: 0, quarantineSeconds: 0 });
  await text(customer, customerDials, 'words that nobody keeps');
  await app.api('POST', `/v1/orders/${reference}/complete`);
  await app.pass({ seconds: 1 });
  const rows = await app.dataSource.query('SELECT interactions::text AS row FROM interactions');
  for (const trace of ['nobody keeps', customer.slice(3)]) expect(JSON.stringify(rows)).not.toContain(trace);
  expect(await reasons(reference)).toEqual(['FORWARDED']);
});
