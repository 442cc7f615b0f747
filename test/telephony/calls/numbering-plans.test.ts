import { randomBytes } from 'node:crypto';

import { TestApp, TWILIO, type Body } from '../../support/app.js';
import { problem } from '../calling.js';

// What an expert expects of countries' odd numbers, in calls and texts that Twilio brings. Named after their cases.

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterAll(() => maskline.stop());

let drawn = 0;

/** An order in a pool of two numbers of a country. */
async function anOrder(country: string, owned: [string, string], customer: string, agent: string) {
  const terms = { country, provider: 'twilio', texts: 'on' } as const;
  const pool = await maskline.pool(terms, owned);
  const reference = `numbering-${(drawn += 1)}`;
  const order = await maskline.order(reference, customer, agent, { pool });
  if (order.status !== 'active') throw new Error(JSON.stringify(order));
  return { reference, customerDials: order.customer.dials as string, agentDials: order.agent.dials as string };
}

const sid = () => randomBytes(16).toString('hex');

/** Whom a call rings; null = nobody. */
async function rung(from: string, to: string): Promise<string | null> {
  const form = { CallSid: `CA${sid()}`, AccountSid: TWILIO.sid, From: from, Caller: from, To: to, Called: to };
  const { status, text } = await maskline.twilio('voice', form);
  expect(status).toBe(200);
  return /<Number[^>]*>([^<]+)</.exec(text)?.[1] ?? null;
}

/** To whom a text goes on; null = nobody. */
async function passedTo(from: string, to: string): Promise<string | null> {
  const form = { MessageSid: `SM${sid()}`, AccountSid: TWILIO.sid, From: from, To: to, Body: 'At the gate' };
  return /<Message to="([^"]+)"/.exec((await maskline.twilio('messages', form)).text)?.[1] ?? null;
}

const phonesOf = async (reference: string): Promise<string[]> => {
  const { customer, agent }: Body = (await maskline.api('GET', `/v1/orders/${reference}`)).body;
  return [customer.phone, agent.phone];
};

it('Argentina: +54 9 for voice, without the 9 for text', async () => {
  const [customer, agent] = ['+5491123456789', '+5491134567890'];
  const withoutNine = (phone: string) => phone.replace('+549', '+54');
  const order = await anOrder('AR', ['+541150000001', '+541150000002'], customer, agent);
  for (const from of [customer, withoutNine(customer), '01123456789', '1123456789']) {
    expect([from, await rung(from, order.customerDials)]).toEqual([from, agent]);
    expect([from, await passedTo(from, order.customerDials)]).toEqual([from, withoutNine(agent)]);
  }
  expect(await rung(withoutNine(agent), order.agentDials)).toBe(customer);
  expect(await rung('+541123456780', order.customerDials)).toBeNull();
});

it('Argentina: a phone given in both forms is one subscriber’s', async () => {
  const placed = await maskline.api('POST', '/v1/orders', {
    reference: 'argentine-self',
    customer: { phone: '+5491123456700' },
  });
  expect(placed.status).toBe(201);
  const self = await maskline.api('PUT', '/v1/orders/argentine-self/agent', { phone: '+541123456700' });
  const same = await maskline.api('PUT', '/v1/orders/argentine-self/agent', { phone: '+5491123456700' });
  expect(problem(self)).toBe(problem(same));
});

it('Mexico: no 1 after +52 any more, accepted on input', async () => {
  const order = await anOrder('MX', ['+525550000001', '+525550000002'], '+5215512345678', '+525587654321');
  expect(await phonesOf(order.reference)).toEqual(['+52••••••••78', '+52••••••••21']);
  for (const from of ['+525512345678', '+5215512345678', '5215512345678', '5512345678']) {
    expect([from, await rung(from, order.customerDials)]).toEqual([from, '+525587654321']);
    expect([from, await passedTo(from, order.customerDials)]).toEqual([from, '+525587654321']);
  }
  expect(await rung('+5215587654321', order.agentDials)).toBe('+525512345678');
});

it('Italy, Gabon and others: the leading 0 is part of the number', async () => {
  const rome = await anOrder('IT', ['+390650000001', '+390650000002'], '+390612345678', '+393123456789');
  for (const from of ['+390612345678', '0612345678', '00390612345678']) {
    expect([from, await rung(from, rome.customerDials)]).toEqual([from, '+393123456789']);
  }
  expect(await rung('+39612345678', rome.customerDials)).toBeNull();
  expect(await rung('3123456789', rome.agentDials)).toBe('+390612345678');
  const gabon = await anOrder('GA', ['+24111700001', '+24111700002'], '+24106031234', '+24174031234');
  for (const from of ['+24106031234', '06031234']) {
    expect([from, await rung(from, gabon.customerDials)]).toEqual([from, '+24174031234']);
  }
});

it('North America: two dozen countries and territories share +1, told apart by area code', async () => {
  // Jamaica and Canada, on numbers of the United States.
  const order = await anOrder('US', ['+14155200001', '+14155200002'], '+18765551234', '+14165550123');
  expect(await rung('8765551234', order.customerDials)).toBe('+14165550123');
  expect(await rung('1 (416) 555-0123', order.agentDials)).toBe('+18765551234');
  expect(await rung('+14155551234', order.customerDials)).toBeNull(); // the same end, another area
});

it('UK and islands, Kazakhstan/Russia: a shared code, told apart by prefix', async () => {
  // A phone of Guernsey and one of the Isle of Man, on numbers of London.
  const uk = await anOrder('GB', ['+442079460001', '+442079460002'], '+447781123456', '+447624123456');
  for (const from of ['+447781123456', '07781123456']) expect(await rung(from, uk.customerDials)).toBe('+447624123456');
  expect(await rung('07624123456', uk.agentDials)).toBe('+447781123456');
  // A phone of Kazakhstan and one of Russia, on numbers of either.
  for (const [country, owned] of [
    ['KZ', ['+77272500001', '+77272500002']],
    ['RU', ['+74951234501', '+74951234502']],
  ] as const) {
    const order = await anOrder(country, [...owned], '+77011234567', '+79161234567');
    for (const from of ['+77011234567', '87011234567', '77011234567']) {
      expect([country, from, await rung(from, order.customerDials)]).toEqual([country, from, '+79161234567']);
    }
    expect(await rung('89161234567', order.agentDials)).toBe('+77011234567');
  }
});
