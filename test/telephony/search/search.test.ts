import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { CallsOfNoOrder } from '../../../src/telephony/interactions/calls-of-no-order.service.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';

let maskline: TestApp;
let pool: string;
let east: string;
let key: string;
const logged: string[] = [];

beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
  pool = await maskline.pool({ capacity: 1_000 }, numbers(2));
  east = await maskline.pool({ capacity: 1_000 }, numbers(2));
  key = (await maskline.api('POST', '/v1/keys', { name: 'team east', scopes: ['support'], pools: [east] })).body.key;
});
afterAll(async () => maskline?.stop());

const search = async (asked: Body, query = ''): Promise<Body> => {
  const { status, body } = await maskline.api('POST', `/v1/search${query}`, asked);
  expect(status).toBe(200);
  return body;
};
const searchOfEast = async (asked: Body): Promise<Body> =>
  (await maskline.request('POST', '/v1/search', { authorization: `Bearer ${key}` }, asked)).body;
const references = ({ orders }: Body): string[] => orders.map(({ order }: Body) => order.reference);
const audit = async (): Promise<Body> => (await maskline.api('GET', '/v1/audit?limit=1')).body.entries[0];

/** All pages of a search, with at most `limit` orders each. */
async function pages(asked: Body, limit: number): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor = ''; ;) {
    const page = await search(asked, `?limit=${limit}${cursor}`);
    found.push(references(page));
    if (page.nextCursor === null) return found;
    cursor = `&cursor=${page.nextCursor}`;
  }
}

/** Moves what is over to its month. */
async function move(): Promise<void> {
  await maskline.pass({ hours: 25 });
  maskline.clock.push({ minutes: 2 });
  await maskline.get(RepeatSecrets).deleteOld();
  await maskline.get(EndedOrdersService).moveWhatIsOver();
  await maskline.get(CallsOfNoOrder).move();
}

describe('a search by phone', () => {
  it('finds its orders, open and ended, newest first and page by page, with the role', async () => {
    const phone = aPhone();
    for (const reference of ['p-1', 'p-2', 'p-3', 'p-4']) {
      await maskline.order(reference, phone, aPhone(), { pool });
      maskline.clock.push({ minutes: 1 });
    }
    await maskline.order('p-5', aPhone(), phone, { pool });
    await maskline.api('POST', '/v1/orders/p-2/cancel');
    expect(await pages({ phone }, 2)).toEqual([['p-5', 'p-4'], ['p-3', 'p-2'], ['p-1']]);
    const { orders, interactions } = await search({ phone: phone.replace('+91', '+91 ') });
    expect(interactions).toEqual([]);
    expect(orders[0]).toMatchObject({ people: [{ role: 'agent', known: 'registered', leftAt: null }], served: [] });
    expect(orders[3]).toMatchObject({ order: { status: 'ended' }, people: [{ role: 'customer' }] });
  });

  it('finds the order of an alternate phone, and that of somebody who left', async () => {
    const [other, left] = [aPhone(), aPhone()];
    await maskline.order('p-alternate', aPhone(), left, { pool });
    await maskline.api('POST', '/v1/orders/p-alternate/participants/customer/phones', { phone: other });
    await maskline.api('PUT', '/v1/orders/p-alternate/agent', { phone: aPhone() });
    expect((await search({ phone: other })).orders[0].people).toMatchObject([{ role: 'customer', known: 'declared' }]);
    expect((await search({ phone: left })).orders[0].people).toMatchObject([{ leftAt: expect.any(String) }]);
  });

  it('finds nothing of a stranger, or once the phones are deleted', async () => {
    const phone = aPhone();
    expect(await search({ phone })).toEqual({ orders: [], interactions: [], nextCursor: null });
    await maskline.order('p-gone', phone, aPhone(), { pool });
    await maskline.api('POST', '/v1/orders/p-gone/cancel');
    expect(references(await search({ phone }))).toEqual(['p-gone']);
    await maskline.pass({ hours: 25 });
    expect(references(await search({ phone }))).toEqual([]);
  });
});

describe('a phone or a number as it is dialled within a country', () => {
  const dialled = (number: string) => number.replace('+91', '0');
  const [PUNE, WASHINGTON] = ['+912025550123', '+12025550123'];
  let phone: string;

  beforeAll(async () => {
    phone = aPhone();
    await maskline.order('national', phone, aPhone(), { pool });
  });

  it('is looked for in the country of the pools', async () => {
    const { body } = await maskline.api('GET', '/v1/orders/national');
    expect(references(await search({ phone: dialled(phone) }))).toEqual(['national']);
    expect(references(await search({ phone: phone.slice(3) }))).toEqual(['national']);
    expect(references(await search({ number: dialled(body.customer.dials) }))).toContain('national');
  });

  it('is looked for in each country in which it is valid, if there are pools of several', async () => {
    const [ofIndia, ofAmerica] = ['+912025550181', '+12025550181'];
    const home = await maskline.pool({ capacity: 1_000 }, [ofIndia, ...numbers(1)]);
    const away = await maskline.pool({ capacity: 1_000, country: 'US', provider: 'twilio' }, [
      ofAmerica,
      '+12025550182',
    ]);
    expect(references(await search({ phone: dialled(phone) }))).toEqual(['national']); // no phone of America
    await maskline.order('home', PUNE, aPhone(), { pool: home });
    maskline.clock.push({ minutes: 1 });
    await maskline.order('away', WASHINGTON, '+12025550124', { pool: away });
    expect(await pages({ phone: '2025550123' }, 1)).toEqual([['away'], ['home']]);
    expect((await search({ phone: '2025550123' })).orders).toMatchObject([
      { order: { reference: 'away' }, people: [{ role: 'customer' }] },
      { order: { reference: 'home' }, people: [{ role: 'customer' }] },
    ]);
    expect(await pages({ number: '2025550181' }, 1)).toEqual([['away'], ['home']]);
    const { entries } = (await maskline.api('GET', '/v1/audit?what=orders.search&limit=2')).body;
    expect(entries.map(({ about }: Body) => about).sort()).toEqual([ofAmerica, ofIndia]);
    expect(references(await search({ phone: WASHINGTON }))).toEqual(['away']);
    expect(references(await searchOfEast({ phone: '2025550123' }))).toEqual([]); // its pools are of one country
  });

  it('still needs one country where an order is placed', async () => {
    await maskline.order('placed-at-home', '2025550144', aPhone(), { pool });
    expect(references(await search({ phone: '+912025550144' }))).toEqual(['placed-at-home']);
    expect(references(await search({ phone: '+12025550144' }))).toEqual([]);
  });
});

describe('a search by reference', () => {
  it('finds the order, live and in its month', async () => {
    await maskline.order('r-1', aPhone(), aPhone(), { pool });
    expect((await search({ reference: 'r-1' })).orders).toMatchObject([
      { order: { reference: 'r-1', status: 'active' } },
    ]);
    await maskline.api('POST', '/v1/orders/r-1/cancel');
    await move();
    expect(await maskline.count('ended_orders', `reference = 'r-1'`)).toBe(1);
    expect((await search({ reference: 'r-1' })).orders).toMatchObject([
      { order: { reference: 'r-1', status: 'ended' } },
    ]);
    expect((await search({ reference: 'r-2' })).orders).toEqual([]);
  });

  it('finds those that differ in capital letters only if none is the same', async () => {
    for (const reference of ['Case-1', 'CASE-1', 'case-2']) {
      await maskline.order(reference, aPhone(), aPhone(), { pool });
      maskline.clock.push({ minutes: 1 });
    }
    expect(references(await search({ reference: 'CASE-1' }))).toEqual(['CASE-1']);
    expect(references(await search({ reference: 'case-1' }))).toEqual(['CASE-1', 'Case-1']);
    expect(references(await search({ reference: 'Case-2' }))).toEqual(['case-2']);
    await maskline.api('POST', '/v1/orders/case-2/cancel');
    await move();
    expect(references(await search({ reference: 'CASE-2' }))).toEqual(['case-2']);
    expect(await audit()).toMatchObject({ about: 'case-2' });
    expect((await searchOfEast({ reference: 'CASE-2' })).orders).toEqual([]);
    expect((await maskline.api('GET', '/v1/orders/CASE-2')).status).toBe(404);
  });
});

describe('a search by virtual number', () => {
  it('finds each order that it served once, with when, through live rows and months of history', async () => {
    const shared = await maskline.pool({ capacity: 1_000 }, numbers(1));
    const served: string[] = [];
    let number = '';
    for (let one = 0; one < 9; one += 1) {
      const reference = `n-${one}`;
      number = (await maskline.order(reference, aPhone(), aPhone(), { pool: shared })).customer.dials;
      served.unshift(reference);
      if (one === 4) {
        // Another agent gets the number later, which is when the order got it last.
        await maskline.order('n-replaced', aPhone(), aPhone(), { pool: shared });
        await maskline.pass({ minutes: 5 });
        await maskline.api('PUT', '/v1/orders/n-replaced/agent', { phone: aPhone() });
        served.unshift('n-replaced');
      }
      maskline.clock.push({ minutes: 1 });
      if (one % 2 === 0) await maskline.api('POST', `/v1/orders/${reference}/cancel`);
      if (one < 8) maskline.clock.push({ days: 20 });
      if (one === 2 || one === 6) await move();
    }
    await maskline.get(EndedOrdersService).moveWhatIsOver();
    expect(await maskline.count('assignments', `virtual_number = '${number}'`)).toBeGreaterThan(0);
    expect(await maskline.count('assignment_history', `virtual_number = '${number}'`)).toBeGreaterThan(4);
    for (const limit of [1, 2, 3, 100]) {
      const found = await pages({ number }, limit);
      expect(found.flat()).toEqual(served);
      expect(Math.max(...found.map((page) => page.length))).toBeLessThanOrEqual(limit);
    }
    const { orders } = await search({ number });
    expect(orders[0].served).toEqual([
      ...['agent', 'customer'].map((dialler) => ({
        dialler,
        callee: dialler === 'agent' ? 'customer' : 'agent',
        assignedAt: expect.any(String),
        connectsUntil: expect.any(String),
      })),
    ]);
    const replaced = orders.find(({ order }: Body) => order.reference === 'n-replaced');
    expect(replaced.served.length).toBeGreaterThan(2);
  });

  it('finds nothing of a number that is not ours, and stores nothing of it', async () => {
    const phone = aPhone();
    expect(await search({ number: phone })).toMatchObject({ orders: [] });
    expect(await audit()).toMatchObject({ what: 'orders.search', about: null, phone: null });
  });
});

describe('a search by the id of a call', () => {
  it('finds the order of the call, live and in its month', async () => {
    const customer = aPhone();
    const order = await maskline.order('c-1', customer, aPhone(), { pool });
    const { callSid } = await maskline.call(customer, order.customer.dials);
    await maskline.exotel('GET', 'passthru/answered', {
      CallSid: callSid,
      DialCallStatus: 'completed',
      DialCallDuration: '74',
      'Legs[0][OnCallDuration]': '61',
      'Legs[0][Insights][RingingDuration]': '5',
      'Legs[0][DisconnectedBy]': 'Callee',
    });
    const words =
      "The customer called the agent; the agent's phone rang for 5 s, they talked for 1 min 1 s and the agent hung up.";
    const found = { orders: [{ order: { reference: 'c-1' } }], interactions: [{ providerCallId: callSid, words }] };
    expect(await search({ providerCallId: callSid })).toMatchObject(found);
    await maskline.api('POST', '/v1/orders/c-1/cancel');
    await move();
    expect(await maskline.count('ended_interactions', `provider_call_id = '${callSid}'`)).toBe(1);
    expect(await search({ providerCallId: callSid })).toMatchObject(found);
    maskline.clock.push({ days: 100 });
    expect(await search({ providerCallId: callSid })).toMatchObject(found);
  });

  it('says what is known of a call that belongs to no order', async () => {
    await maskline.order('c-2', aPhone(), aPhone(), { pool });
    const order = await maskline.order('c-3', aPhone(), aPhone(), { pool });
    const { callSid } = await maskline.call(aPhone(), order.customer.dials);
    const expected = {
      orders: [],
      interactions: [
        {
          reason: 'UNKNOWN_CALLER',
          words:
            "An unknown caller called and was not connected: the caller's phone is on no order that is active or has just ended.",
          tell: 'Please call from the phone that is in the app.',
        },
      ],
    };
    expect(await search({ providerCallId: callSid })).toMatchObject(expected);
    await move();
    expect(await maskline.count('ended_interactions', `provider_call_id = '${callSid}'`)).toBe(1);
    expect(await search({ providerCallId: callSid })).toMatchObject(expected);
    expect(await search({ providerCallId: 'nobody-knows-it' })).toMatchObject({ orders: [], interactions: [] });
  });
});

describe('what is asked for', () => {
  it.each([
    [{}, 'none of them'],
    [{ phone: '+919000000001', number: '+918047000001' }, 'phone and number'],
    [{ reference: 'a', providerCallId: 'b' }, 'reference and providerCallId'],
  ])('is exactly one thing: %j', async (asked, given) => {
    const { status, body } = await maskline.api('POST', '/v1/search', asked);
    expect([status, body.type]).toEqual([422, '/problems/search-by-one']);
    expect(body.detail).toContain(given);
    expect(body.detail).not.toMatch(/\d{5}/);
  });

  it.each([
    [{ phone: 'the agent' }, 'phone'],
    [{ number: '4711' }, 'number'],
    [{ phone: 7 }, 'phone'],
    [{ reference: null }, 'reference'],
  ])('has the right form: %j', async (asked, field) => {
    const { status, body } = await maskline.api('POST', '/v1/search', asked);
    expect([status, body.field]).toEqual([400, field]);
  });

  it('is in the audit log by keyed lookup, and in no log line', async () => {
    const phone = aPhone();
    await maskline.order('audited', phone, aPhone(), { pool });
    await search({ phone });
    expect(await audit()).toMatchObject({
      what: 'orders.search',
      about: null,
      phone: expect.stringMatching(/^[\da-f]{16}$/),
    });
    await search({ reference: phone });
    expect(await audit()).toMatchObject({ what: 'orders.search', about: null });
    await search({ reference: 'audited' });
    expect(await audit()).toMatchObject({ what: 'orders.search', about: 'audited' });
    expect(logged.join('\n')).not.toContain(phone.slice(3));
  });

  it('is not answered when it cannot be written down', async () => {
    await maskline.dataSource.query('ALTER TABLE audit_log RENAME TO audit_log_gone');
    const { status, text } = await maskline.api('POST', '/v1/search', { reference: 'audited' });
    await maskline.dataSource.query('ALTER TABLE audit_log_gone RENAME TO audit_log');
    expect(status).toBe(500);
    expect(text).not.toContain('active');
  });
});

it('finds only what belongs to the pools of a key', async () => {
  const customer = aPhone();
  const own = await maskline.order('in-east', customer, aPhone(), { pool: east });
  const others = await maskline.order('elsewhere', customer, aPhone(), { pool });
  const calls = [];
  for (const {
    customer: { dials },
  } of [own, others])
    calls.push((await maskline.call(customer, dials)).callSid);
  const strange = (await maskline.call(aPhone(), others.customer.dials)).callSid;
  expect(references(await searchOfEast({ phone: customer }))).toEqual(['in-east']);
  for (const [mine, foreign] of [
    [{ reference: 'in-east' }, { reference: 'elsewhere' }],
    [{ number: own.customer.dials }, { number: others.customer.dials }],
    [{ providerCallId: calls[0] }, { providerCallId: calls[1] }],
  ]) {
    expect(references(await searchOfEast(mine))).toContain('in-east');
    expect(await searchOfEast(foreign)).toEqual({ orders: [], interactions: [], nextCursor: null });
  }
  expect(await searchOfEast({ providerCallId: strange })).toMatchObject({ interactions: [] });
  expect((await search({ providerCallId: strange })).interactions).toHaveLength(1);
});
