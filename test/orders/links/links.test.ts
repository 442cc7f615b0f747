import { randomUUID } from 'node:crypto';

import { OrdersDueService } from '../../../src/orders/lifecycle/orders-due.service.js';
import { OrderIntakeService } from '../../../src/orders/intake/order-intake.service.js';
import { LostNumberReplacementService } from '../../../src/orders/links/lost-number-replacement.service.js';
import { AwaitingOrdersService } from '../../../src/orders/links/awaiting-orders.service.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { API_KEY, aPhone, numbers, TestApp, type Answer, type Body } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterEach(() => expectConservedNumbers(maskline.dataSource));
afterAll(() => maskline.stop());

let count = 0;
const aReference = () => `parcel-${(count += 1)}`;
const place = (body: object) => maskline.api('POST', '/v1/orders', body);
const put = (reference: string, role: string, phone: string) =>
  maskline.api('PUT', `/v1/orders/${reference}/participants/${role}`, { phone });
const remove = (reference: string, role: string) =>
  maskline.api('DELETE', `/v1/orders/${reference}/participants/${role}`);
const link = (reference: string, body: object) => maskline.api('POST', `/v1/orders/${reference}/links`, body);
const unlink = (reference: string, between: string) =>
  maskline.api('DELETE', `/v1/orders/${reference}/links?between=${between}`);
const find = async (reference: string): Promise<Body> => (await maskline.api('GET', `/v1/orders/${reference}`)).body;
const kinds = async (reference: string): Promise<string[]> =>
  (await maskline.api('GET', `/v1/orders/${reference}/events`)).body.events.map(({ kind }: Body) => kind);

/** What a participant dials to reach a role. */
const dials = (order: Body, role: string, to: string): Body =>
  order.participants.find((one: Body) => one.role === role)?.dials.find((one: Body) => one.to === to);
const numberOf = (order: Body, role: string, to: string): string => dials(order, role, to).number;

interface Parcel {
  readonly reference: string;
  readonly pool: string;
  readonly phones: Record<string, string>;
  readonly order: Body;
}

async function aParcel(
  more: object = {},
  roles = ['sender', 'recipient', 'courier'],
  owned = numbers(12),
): Promise<Parcel> {
  const pool = await maskline.pool({ graceSeconds: 600 }, owned);
  const reference = aReference();
  const phones = Object.fromEntries(roles.map((role) => [role, aPhone()]));
  const participants = roles.map((role) => ({ role, phone: phones[role] }));
  const placed = await place({ reference, pool, participants, ...more });
  expect(placed).toMatchObject({ status: 201 });
  return { reference, pool, phones, order: placed.body };
}

/** Both ways: the other one's phone rings and shows the number that calls back. */
async function expectJoined({ phones }: Parcel, order: Body, one: string, other: string): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    expect(await maskline.call(phones[from]!, numberOf(order, from, to))).toMatchObject({
      rings: [phones[to]],
      shows: numberOf(order, to, from),
    });
  }
}
const rings = async (phone: string, number: string): Promise<string[]> => (await maskline.call(phone, number)).rings;

describe('an order of three people', () => {
  it('gives the courier a number for each of the others, and joins nobody else', async () => {
    const parcel = await aParcel();
    const { order } = parcel;
    expect(order).toMatchObject({ status: 'active', customer: null, agent: null });
    expect(
      order.participants.map(({ role, dials }: Body) => [role, dials.map(({ to, status }: Body) => [to, status])]),
    ).toEqual(
      expect.arrayContaining([
        [
          'courier',
          expect.arrayContaining([
            ['sender', 'open'],
            ['recipient', 'open'],
          ]),
        ],
        ['sender', [['courier', 'open']]],
        ['recipient', [['courier', 'open']]],
      ]),
    );
    expect(numberOf(order, 'courier', 'sender')).not.toBe(numberOf(order, 'courier', 'recipient'));
    await expectJoined(parcel, order, 'courier', 'sender');
    await expectJoined(parcel, order, 'courier', 'recipient');
    expect(dials(order, 'sender', 'recipient')).toBeUndefined();
    expect(await kinds(parcel.reference)).toEqual(['order.placed', 'order.numbers-assigned']);
  });

  it('joins those whom it names', async () => {
    const parcel = await aParcel({ links: [['sender', 'recipient']] });
    await expectJoined(parcel, parcel.order, 'sender', 'recipient');
    expect(parcel.order.participants.find(({ role }: Body) => role === 'courier').dials).toEqual([]);
  });

  it('joins those whom its pool names, also before they are known', async () => {
    const pool = await maskline.pool(
      {
        links: [
          ['shop', 'rider'],
          ['rider', 'buyer'],
        ] as never,
      },
      numbers(8),
    );
    const reference = aReference();
    const phones: Record<string, string> = { shop: aPhone(), buyer: aPhone(), rider: aPhone() };
    const participants = ['shop', 'buyer'].map((role) => ({ role, phone: phones[role] }));
    const placed = await place({ reference, pool, participants });
    expect(placed.body).toMatchObject({ status: 'placed' });
    expect(dials(placed.body, 'shop', 'rider')).toMatchObject({ number: null, status: 'waiting' });
    const { body, status } = await put(reference, 'rider', phones['rider']!);
    expect([status, body.status]).toEqual([200, 'active']);
    await expectJoined({ reference, pool, phones, order: body }, body, 'rider', 'shop');
    await expectJoined({ reference, pool, phones, order: body }, body, 'rider', 'buyer');
  });

  it('may link its participants to a role that only links of its pool name', async () => {
    const pool = await maskline.pool({ links: [['shop', 'rider']] as never }, numbers(8));
    const [reference, phones] = [aReference(), { buyer: aPhone(), rider: aPhone() }];
    const participants = [{ role: 'buyer', phone: phones.buyer }];
    expect((await place({ reference, pool, participants, links: [['buyer', 'shop']] })).status).toBe(201);
    expect(await link(reference, { between: ['rider', 'buyer'] })).toMatchObject({ status: 200 });
    const { body } = await put(reference, 'rider', phones.rider);
    await expectJoined({ reference, pool, phones, order: body }, body, 'rider', 'buyer');
    expect(await unlink(reference, ' rider,%20buyer%20')).toMatchObject({ status: 200 });
    expect(await rings(phones.buyer, numberOf(body, 'buyer', 'rider'))).toEqual([]);
  });

  it('whose list of links is empty names none, and so does its pool', async () => {
    const pool = await maskline.pool({ links: [] as never }, numbers(8));
    expect((await maskline.api('GET', `/v1/pools/${pool}`)).body.links).toBeNull();
    const phones = { sender: aPhone(), courier: aPhone() };
    const participants = Object.entries(phones).map(([role, phone]) => ({ role, phone }));
    const reference = aReference();
    const { body } = await place({ reference, pool, participants, links: [] });
    await expectJoined({ reference, pool, phones, order: body }, body, 'sender', 'courier');
  });

  it('joins everybody with everybody where nobody carries anything', async () => {
    const parcel = await aParcel({}, ['first', 'second', 'third']);
    for (const [one, other] of [
      ['first', 'second'],
      ['second', 'third'],
      ['third', 'first'],
    ] as const) {
      await expectJoined(parcel, parcel.order, one, other);
    }
  });

  it('placed again is the same order, and another one under its reference is refused', async () => {
    const parcel = await aParcel({ links: [['courier', 'sender']] });
    const { reference, pool, phones } = parcel;
    const participants = Object.entries(phones).map(([role, phone]) => ({ role, phone }));
    const again = await place({ reference, pool, participants, links: [['sender', 'courier']] });
    expect(again).toMatchObject({ status: 200, body: parcel.order });
    expect(await place({ reference, pool, participants, links: [['courier', 'recipient']] })).toMatchObject({
      status: 409,
    });
    const others = [{ role: 'sender', phone: aPhone() }];
    expect(await place({ reference, pool, participants: others })).toMatchObject({ status: 409 });
  });

  it('ends as a whole: nobody is reached after its grace, and its numbers serve others', async () => {
    const { reference, order, phones, pool } = await aParcel();
    const ended = await maskline.api('POST', `/v1/orders/${reference}/complete`);
    expect(dials(ended.body, 'courier', 'sender')).toMatchObject({ status: 'grace' });
    expect(await rings(phones['courier']!, numberOf(order, 'courier', 'sender'))).toEqual([phones['sender']]);
    await maskline.pass({ minutes: 11 });
    expect(await rings(phones['courier']!, numberOf(order, 'courier', 'sender'))).toEqual([]);
    expect((await find(reference)).participants.flatMap(({ dials }: Body) => dials)).toEqual([]);
    expect((await maskline.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld).toBe(0);
  });
});

describe('a participant of several', () => {
  it('who is replaced leaves the others their numbers', async () => {
    const { reference, phones, order, pool } = await aParcel();
    const successor = aPhone();
    const { body } = await put(reference, 'courier', successor);
    for (const role of ['sender', 'recipient']) {
      expect(numberOf(body, role, 'courier')).toBe(numberOf(order, role, 'courier'));
      expect(await rings(phones[role]!, numberOf(body, role, 'courier'))).toEqual([successor]);
    }
    await expectJoined(
      { reference, pool, phones: { ...phones, courier: successor }, order: body },
      body,
      'courier',
      'sender',
    );
    expect(await rings(phones['courier']!, numberOf(order, 'courier', 'sender'))).toEqual([]);
    expect(await kinds(reference)).toContain('order.participant-replaced');
    expect((await put(reference, 'courier', successor)).body).toEqual(body);
  });

  it('whose phone is corrected keeps all numbers', async () => {
    const { reference, phones, order } = await aParcel();
    const corrected = aPhone();
    const { body } = await maskline.api('PATCH', `/v1/orders/${reference}/participants/courier`, { phone: corrected });
    for (const to of ['sender', 'recipient']) {
      expect(numberOf(body, 'courier', to)).toBe(numberOf(order, 'courier', to));
      expect(await rings(corrected, numberOf(body, 'courier', to))).toEqual([phones[to]]);
      expect(await rings(phones['courier']!, numberOf(order, 'courier', to))).toEqual([]);
    }
  });

  it('who joins later gets numbers, and the others keep theirs', async () => {
    const parcel = await aParcel({}, ['sender', 'courier']);
    const shop = aPhone();
    const { body } = await put(parcel.reference, 'shop', shop);
    expect(numberOf(body, 'sender', 'courier')).toBe(numberOf(parcel.order, 'sender', 'courier'));
    await expectJoined({ ...parcel, phones: { ...parcel.phones, shop } }, body, 'shop', 'courier');
  });

  it('who is removed reaches nobody, is reached by nobody, and may be followed by another', async () => {
    const parcel = await aParcel();
    const { reference, phones, order } = parcel;
    const { body, status } = await remove(reference, 'courier');
    expect([status, body.status]).toEqual([200, 'placed']);
    expect(dials(body, 'sender', 'courier')).toMatchObject({ number: null, status: 'waiting' });
    expect(dials(body, 'sender', 'recipient')).toBeUndefined();
    expect(await rings(phones['sender']!, numberOf(order, 'sender', 'courier'))).toEqual([]);
    expect(await rings(phones['courier']!, numberOf(order, 'courier', 'sender'))).toEqual([]);
    const courier = aPhone();
    const next = await put(reference, 'courier', courier);
    await expectJoined({ ...parcel, phones: { ...phones, courier } }, next.body, 'courier', 'sender');
    expect(await remove(reference, 'driver')).toMatchObject({
      status: 404,
      body: { type: expect.stringContaining('participant-not-found') },
    });
  });

  it('who is removed before anybody else has joined leaves an order that works', async () => {
    const pool = await maskline.pool({}, numbers(8));
    const [reference, customer, agent] = [aReference(), aPhone(), aPhone()];
    await place({ reference, pool, customer: { phone: aPhone() } });
    await remove(reference, 'customer');
    await put(reference, 'customer', customer);
    const { body } = await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent });
    expect(body.status).toBe('active');
    expect(await rings(customer, body.customer.dials)).toEqual([agent]);
  });

  it('who takes the place of one that was removed is linked as the role is', async () => {
    const parcel = await aParcel({}, ['sender', 'courier']);
    await remove(parcel.reference, 'sender');
    const recipient = aPhone();
    const { body } = await put(parcel.reference, 'recipient', recipient);
    await expectJoined({ ...parcel, phones: { ...parcel.phones, recipient } }, body, 'recipient', 'courier');
  });

  it('has one PIN and one block for each link, and says so when none is named', async () => {
    const { reference, phones, order } = await aParcel();
    const path = `/v1/orders/${reference}/participants/courier`;
    expect(await maskline.api('GET', `${path}/pin`)).toMatchObject({
      status: 409,
      body: { to: ['recipient', 'sender'] },
    });
    const [sender, recipient] = await Promise.all(
      ['sender', 'recipient'].map((to) => maskline.api('GET', `${path}/pin?to=${to}`)),
    );
    expect(sender!.body.dials).toBe(numberOf(order, 'courier', 'sender'));
    expect(recipient!.body.dials).toBe(numberOf(order, 'courier', 'recipient'));
    expect(await maskline.api('GET', `${path}/pin?to=shop`)).toMatchObject({ status: 404 });
    expect(await maskline.api('POST', `${path}/block`)).toMatchObject({ status: 409 });
    expect(await maskline.api('POST', `${path}/block?to=sender`)).toMatchObject({ status: 200 });
    const blocks = (one: Body) =>
      one.participants.flatMap(({ role, dials: own }: Body) =>
        own.map(({ to, blocks: isBlocked }: Body) => [role, to, isBlocked]),
      );
    const allBut = (who: string, whom: string) =>
      blocks(order).map(([role, to]: string[]) => [role, to, role === who && to === whom]);
    expect(blocks(await find(reference))).toEqual(allBut('courier', 'sender'));
    const { key } = (await maskline.api('POST', '/v1/keys', { name: 'reader', scopes: ['orders:read'] })).body;
    const read = await maskline.request('GET', `/v1/orders/${reference}`, { authorization: `Bearer ${key}` });
    expect(new Set(blocks(read.body).map(([, , isBlocked]: unknown[]) => isBlocked))).toEqual(new Set([null]));
    expect(await rings(phones['sender']!, numberOf(order, 'sender', 'courier'))).toEqual([]);
    expect(await rings(phones['recipient']!, numberOf(order, 'recipient', 'courier'))).toEqual([phones['courier']]);
    expect(await maskline.api('DELETE', `${path}/block?to=sender`)).toMatchObject({ status: 200 });
    expect(blocks(await find(reference))).toEqual(allBut('nobody', 'nobody'));
    expect(await rings(phones['sender']!, numberOf(order, 'sender', 'courier'))).toEqual([phones['courier']]);
  });

  it('may call from an alternate phone to everybody they are linked to', async () => {
    const { reference, phones, order } = await aParcel();
    const other = aPhone();
    const path = `/v1/orders/${reference}/participants/courier/phones`;
    const { body, status } = await maskline.api('POST', path, { phone: other });
    expect(status).toBe(200);
    for (const to of ['sender', 'recipient']) {
      expect(await rings(other, numberOf(order, 'courier', to))).toEqual([phones[to]]);
    }
    await maskline.api('DELETE', `${path}/${body.phones[1].id}`);
    expect(await rings(other, numberOf(order, 'courier', 'sender'))).toEqual([]);
  });
});

describe('a number that is lost', () => {
  it('is replaced on its link only, and everybody is reached by what their phone shows', async () => {
    const parcel = await aParcel();
    const { reference, order } = parcel;
    const lost = numberOf(order, 'courier', 'sender');
    await maskline.dataSource.query(`UPDATE virtual_numbers SET status = 'suspended' WHERE number = $1`, [lost]);
    expect(await maskline.get(LostNumberReplacementService).replace(lost as E164)).toEqual({ moved: 1, stuck: 0 });
    const after = await find(reference);
    expect(numberOf(after, 'courier', 'sender')).not.toBe(lost);
    for (const [role, to] of [
      ['sender', 'courier'],
      ['courier', 'recipient'],
      ['recipient', 'courier'],
    ] as const) {
      expect(numberOf(after, role, to)).toBe(numberOf(order, role, to));
    }
    await expectJoined(parcel, after, 'courier', 'sender');
    await expectJoined(parcel, after, 'courier', 'recipient');
    expect(await kinds(reference)).toContain('order.numbers-changed');
  });

  it('is replaced on a half-open link, which then connects', async () => {
    const pool = await maskline.pool({ assignNumbers: 'when-one-known' }, numbers(5));
    const [reference, customer, agent] = [aReference(), aPhone(), aPhone()];
    const placed = await place({ reference, pool, customer: { phone: customer } });
    const lost = placed.body.customer.dials;
    await maskline.dataSource.query(`UPDATE virtual_numbers SET status = 'suspended' WHERE number = $1`, [lost]);
    expect(await maskline.get(LostNumberReplacementService).replace(lost)).toEqual({ moved: 1, stuck: 0 });
    const { body } = await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent });
    expect(body.customer.dials).not.toBe(lost);
    expect(await rings(customer, body.customer.dials)).toEqual([agent]);
  });
});

describe('a link', () => {
  it('opened later gives both a number, and closed takes them away; without links the order is placed', async () => {
    const parcel = await aParcel({ links: [['courier', 'sender']] });
    const { reference, phones } = parcel;
    const opened = await link(reference, { between: ['recipient', 'sender'] });
    expect(opened.status).toBe(200);
    await expectJoined(parcel, opened.body, 'sender', 'recipient');
    expect(numberOf(opened.body, 'courier', 'sender')).toBe(numberOf(parcel.order, 'courier', 'sender'));
    expect((await link(reference, { between: ['sender', 'recipient'] })).body).toEqual(opened.body);
    const closed = await unlink(reference, 'sender,recipient');
    expect(dials(closed.body, 'sender', 'recipient')).toBeUndefined();
    expect(await rings(phones['sender']!, numberOf(opened.body, 'sender', 'recipient'))).toEqual([]);
    await expectJoined(parcel, closed.body, 'courier', 'sender');
    expect((await unlink(reference, 'courier,sender')).body).toMatchObject({ status: 'placed', connectsUntil: null });
    expect(await unlink(reference, 'courier,sender')).toMatchObject({ status: 404 });
    expect(await kinds(reference)).toEqual([
      'order.placed',
      'order.numbers-assigned',
      'order.link-opened',
      'order.link-closed',
      'order.link-closed',
    ]);
  });

  it('that was opened before a courier came stays one of the order: it may become one-way, and outlasts the one who leaves', async () => {
    const parcel = await aParcel({}, ['sender', 'recipient']);
    const { reference, phones } = parcel;
    const courier = aPhone();
    await expectJoined(parcel, (await put(reference, 'courier', courier)).body, 'sender', 'recipient');
    const oneWay = await link(reference, { between: ['sender', 'recipient'], onlyFrom: 'sender' });
    expect(await rings(phones['sender']!, numberOf(oneWay.body, 'sender', 'recipient'))).toEqual([phones['recipient']]);
    expect(await rings(phones['recipient']!, numberOf(oneWay.body, 'recipient', 'sender'))).toEqual([]);
    await link(reference, { between: ['sender', 'recipient'] });
    expect((await remove(reference, 'recipient')).status).toBe(200);
    const recipient = aPhone();
    const { body } = await put(reference, 'recipient', recipient);
    await expectJoined({ ...parcel, phones: { ...phones, courier, recipient } }, body, 'sender', 'recipient');
    await expectJoined({ ...parcel, phones: { ...phones, courier, recipient } }, body, 'courier', 'recipient');
  });

  it('that is closed says so to those who stay on the order, and to nobody who left it', async () => {
    const parcel = await aParcel();
    const { reference, phones, order } = parcel;
    const heardBy = async (role: string, to: string) => {
      await maskline.call(phones[role]!, numberOf(order, role, to));
      const { interactions } = (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body;
      return interactions.at(-1).reason;
    };
    await unlink(reference, 'courier,sender');
    expect(await heardBy('sender', 'courier')).toBe('LINK_CLOSED');
    expect(await heardBy('courier', 'sender')).toBe('LINK_CLOSED');
    expect(await heardBy('courier', 'recipient')).toBe('CONNECTED');
    await remove(reference, 'recipient');
    expect(await heardBy('courier', 'recipient')).toBe('LINK_CLOSED');
    expect(await heardBy('recipient', 'courier')).toBe('ORDER_ENDED');
    const explained = await maskline.api('POST', '/v1/routing/explain', {
      from: phones['sender'],
      to: numberOf(order, 'sender', 'courier'),
    });
    expect(explained.body).toMatchObject({ decision: 'refuse', reason: 'LINK_CLOSED' });
    expect(explained.body.words[0]).toContain('their link was closed, although the order went on');
  });

  it('that is closed and opened again between the same people keeps its block, and the block of nobody else', async () => {
    const { reference, phones } = await aParcel();
    const ringsFrom = async (role: string, to: string) =>
      (await rings(phones[role]!, numberOf(await find(reference), role, to))).length === 1;
    await maskline.api('POST', `/v1/orders/${reference}/participants/sender/block`);
    for (let time = 0; time < 2; time += 1) {
      await unlink(reference, 'courier,sender');
      await link(reference, { between: ['sender', 'courier'] });
      expect(await ringsFrom('courier', 'sender')).toBe(false);
      expect(await ringsFrom('sender', 'courier')).toBe(true);
      expect(await ringsFrom('courier', 'recipient')).toBe(true);
    }
    await maskline.api('DELETE', `/v1/orders/${reference}/participants/sender/block`);
    expect(await ringsFrom('courier', 'sender')).toBe(true);

    await maskline.api('POST', `/v1/orders/${reference}/participants/sender/block`);
    await unlink(reference, 'courier,sender');
    await put(reference, 'courier', (phones['courier'] = aPhone()));
    await link(reference, { between: ['sender', 'courier'] });
    expect(await ringsFrom('courier', 'sender')).toBe(true);
  });

  it('may go one way only, from its beginning or from later on', async () => {
    const parcel = await aParcel({ links: [{ between: ['courier', 'sender'], onlyFrom: 'courier' }] });
    const { reference, phones, order } = parcel;
    expect(await rings(phones['courier']!, numberOf(order, 'courier', 'sender'))).toEqual([phones['sender']]);
    expect(await rings(phones['sender']!, numberOf(order, 'sender', 'courier'))).toEqual([]);
    const turned = await link(reference, { between: ['courier', 'sender'], onlyFrom: 'sender' });
    expect(dials(turned.body, 'courier', 'sender')).toEqual({
      ...dials(order, 'courier', 'sender'),
      onlyFrom: 'sender',
    });
    expect(await rings(phones['courier']!, numberOf(order, 'courier', 'sender'))).toEqual([]);
    expect(await rings(phones['sender']!, numberOf(order, 'sender', 'courier'))).toEqual([phones['courier']]);
    await put(reference, 'courier', (phones['courier'] = aPhone()));
    expect(await rings(phones['courier'], numberOf(await find(reference), 'courier', 'sender'))).toEqual([]);
  });
});

describe('a pool that assigns numbers when one participant is known', () => {
  const early = { assignNumbers: 'when-one-known' } as const;

  it('gives a customer a number that connects once the agent is there, and stays when the agent leaves', async () => {
    const pool = await maskline.pool(early, numbers(6));
    const [reference, customer, agent] = [aReference(), aPhone(), aPhone()];
    const placed = await place({ reference, pool, customer: { phone: customer } });
    expect(placed).toMatchObject({ status: 201, body: { status: 'active', agent: null } });
    const number = placed.body.customer.dials;
    expect(dials(placed.body, 'customer', 'agent')).toEqual({
      to: 'agent',
      number,
      status: 'half-open',
      onlyFrom: null,
      blocks: false,
    });
    expect(await rings(customer, number)).toEqual([]);
    const assigned = (await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent })).body;
    expect(assigned.customer.dials).toBe(number);
    expect(await rings(customer, number)).toEqual([agent]);
    expect(await rings(agent, assigned.agent.dials)).toEqual([customer]);
    const left = await remove(reference, 'agent');
    expect(dials(left.body, 'customer', 'agent')).toEqual({
      ...{ to: 'agent', number, status: 'half-open', onlyFrom: null, blocks: false },
    });
    expect(await rings(customer, number)).toEqual([]);
    expect(await rings(agent, assigned.agent.dials)).toEqual([]);
    const next = aPhone();
    await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: next });
    expect(await rings(customer, number)).toEqual([next]);
  });

  it('leads a number that waits for an agent to the courier or driver who comes instead', async () => {
    for (const role of ['courier', 'driver']) {
      const pool = await maskline.pool({ assignNumbers: 'when-one-known' }, numbers(8));
      const [reference, customer, carrier] = [aReference(), aPhone(), aPhone()];
      const placed = (await place({ reference, pool, customer: { phone: customer } })).body;
      const shown = numberOf(placed, 'customer', 'agent');
      const order = (await put(reference, role, carrier)).body;
      expect(dials(order, 'customer', 'agent')).toBeUndefined();
      expect(dials(order, 'customer', role)).toMatchObject({ number: shown, status: 'open' });
      expect(await rings(customer, shown)).toEqual([carrier]);
      expect(await rings(carrier, numberOf(order, role, 'customer'))).toEqual([customer]);

      const agent = aPhone();
      const withBoth = (await put(reference, 'agent', agent)).body;
      expect(numberOf(withBoth, 'customer', role)).toBe(shown);
      expect(await rings(customer, numberOf(withBoth, 'customer', 'agent'))).toEqual([agent]);
    }
  });

  it('keeps the number of a half-open link over a corrected phone', async () => {
    const pool = await maskline.pool(early, numbers(4));
    const [reference, corrected] = [aReference(), aPhone()];
    const placed = await place({ reference, pool, customer: { phone: aPhone() } });
    const { body } = await maskline.api('PATCH', `/v1/orders/${reference}/participants/customer`, { phone: corrected });
    expect(body.customer.dials).toBe(placed.body.customer.dials);
    const agent = aPhone();
    await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent });
    expect(await rings(corrected, body.customer.dials)).toEqual([agent]);
  });

  it('is over without ever having joined anybody', async () => {
    const pool = await maskline.pool(early, numbers(2));
    const reference = aReference();
    const customer = aPhone();
    const { body } = await place({ reference, pool, customer: { phone: customer } });
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
    await maskline.pass({ hours: 25 });
    expect(await rings(customer, body.customer.dials)).toEqual([]);
    expect(await maskline.count('assignments', `virtual_number = '${body.customer.dials}'`)).toBe(0);
  });
});

describe('in a dry pool', () => {
  const finish = async (pool: string) => {
    const { id } = await maskline.get(PoolsService).byName(pool);
    return maskline.get(AwaitingOrdersService).finishAwaiting(id);
  };
  const addNumbers = (pool: string, more: readonly string[]) =>
    maskline.api('POST', '/v1/numbers/import', { pool, numbers: more.map((number) => ({ number })) });

  it('all links of an order wait together, and open together', async () => {
    const pool = await maskline.pool({ lowWater: 0, target: 0, maxNumbers: 0 }, numbers(2));
    const [reference, phones] = [aReference(), { sender: aPhone(), recipient: aPhone(), courier: aPhone() }];
    const participants = Object.entries(phones).map(([role, phone]) => ({ role, phone }));
    const placed = await place({ reference, pool, participants });
    expect(placed.body).toMatchObject({ status: 'awaiting-numbers', connectsUntil: null });
    expect(placed.body.participants.flatMap((one: Body) => one.dials.map(({ status }: Body) => status))).toEqual(
      Array.from({ length: 4 }, () => 'waiting'),
    );
    await addNumbers(pool, numbers(1));
    expect(await finish(pool)).toEqual({ finished: 1, waiting: 0 });
    const order = await find(reference);
    await expectJoined({ reference, pool, phones, order }, order, 'courier', 'sender');
    expect(await kinds(reference)).toEqual(['order.placed', 'order.awaiting-numbers', 'order.numbers-assigned']);
  });

  it('those who are joined already go on calling while a newcomer waits', async () => {
    const parcel = await aParcel({}, ['sender', 'courier'], numbers(2));
    const shop = aPhone();
    const { body, status } = await put(parcel.reference, 'shop', shop);
    expect([status, body.status]).toEqual([202, 'awaiting-numbers']);
    await expectJoined(parcel, body, 'courier', 'sender');
    await addNumbers(parcel.pool, numbers(2));
    await finish(parcel.pool);
    const order = await find(parcel.reference);
    await expectJoined({ ...parcel, phones: { ...parcel.phones, shop } }, order, 'courier', 'shop');
    await expectJoined(parcel, order, 'courier', 'sender');
  });

  it('a participant who is replaced while a newcomer waits leaves the others their numbers', async () => {
    const parcel = await aParcel({}, ['sender', 'courier'], numbers(2));
    await put(parcel.reference, 'shop', aPhone());
    const courier = aPhone();
    const { body } = await put(parcel.reference, 'courier', courier);
    expect(body.status).toBe('awaiting-numbers');
    expect(numberOf(body, 'sender', 'courier')).toBe(numberOf(parcel.order, 'sender', 'courier'));
    await expectJoined({ ...parcel, phones: { ...parcel.phones, courier } }, body, 'courier', 'sender');
  });

  it('an order that is completed while a link waits ends with its grace, and waits again when it is reopened', async () => {
    const parcel = await aParcel({}, ['sender', 'courier'], numbers(2));
    await put(parcel.reference, 'shop', aPhone());
    const { body } = await maskline.api('POST', `/v1/orders/${parcel.reference}/complete`);
    expect(body.status).toBe('closing');
    await expectJoined(parcel, body, 'courier', 'sender');
    await maskline.api('POST', `/v1/orders/${parcel.reference}/reopen`);
    expect((await find(parcel.reference)).status).toBe('awaiting-numbers');
    await addNumbers(parcel.pool, numbers(2));
    await finish(parcel.pool);
    expect((await find(parcel.reference)).status).toBe('active');
  });

  it('an order that is reopened waits again for the numbers of a link', async () => {
    const parcel = await aParcel({}, ['sender', 'courier'], numbers(2));
    const shop = aPhone();
    await put(parcel.reference, 'shop', shop);
    await maskline.api('POST', `/v1/orders/${parcel.reference}/complete`);
    const { body } = await maskline.api('POST', `/v1/orders/${parcel.reference}/reopen`);
    expect(body.status).toBe('awaiting-numbers');
    await expectJoined(parcel, body, 'courier', 'sender');
    await addNumbers(parcel.pool, numbers(2));
    expect(await finish(parcel.pool)).toEqual({ finished: 1, waiting: 0 });
    await expectJoined(
      { ...parcel, phones: { ...parcel.phones, shop } },
      await find(parcel.reference),
      'courier',
      'shop',
    );
  });
});

describe('the phone of a participant without a number', () => {
  const phonesOn = async (reference: string): Promise<string[]> =>
    (
      await maskline.dataSource.sql<{ role: string }[]>`
        SELECT participant.role FROM participants AS participant
        JOIN orders ON orders.id = participant.order_id AND orders.reference = ${reference}
        WHERE participant.phone IS NOT NULL OR participant.phone_key IS NOT NULL
        ORDER BY participant.role`
    ).map(({ role }) => role);

  it('is deleted when they leave, are replaced or corrected, though the others have numbers', async () => {
    const { reference } = await aParcel({ links: [['sender', 'courier']] });
    expect((await put(reference, 'recipient', aPhone())).status).toBe(200);
    const corrected = await maskline.api('PATCH', `/v1/orders/${reference}/participants/recipient`, {
      phone: aPhone(),
    });
    expect(corrected.status).toBe(200);
    expect(await phonesOn(reference)).toEqual(['courier', 'recipient', 'sender']);
    expect((await remove(reference, 'recipient')).status).toBe(200);
    expect(await phonesOn(reference)).toEqual(['courier', 'sender']);
  });

  it('is deleted when the order ends', async () => {
    const { reference } = await aParcel({ links: [['sender', 'courier']] });
    expect((await maskline.api('POST', `/v1/orders/${reference}/complete`)).status).toBe(200);
    expect(await phonesOn(reference)).toEqual(['courier', 'recipient', 'sender']);
    maskline.clock.push({ minutes: 10 });
    await maskline.get(OrdersDueService).endWhatIsDue();
    expect(await phonesOn(reference)).toEqual(['courier', 'sender']);
  });
});

describe('events', () => {
  const send = async (events: readonly object[]): Promise<Answer> => {
    const answer = await maskline.request(
      'POST',
      '/v1/events',
      { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/cloudevents-batch+json' },
      JSON.stringify(events),
    );
    await maskline.get(OrderIntakeService).applyStored();
    return answer;
  };
  const event = (type: string, data: object) => ({
    specversion: '1.0',
    source: '/parcels',
    id: randomUUID(),
    time: maskline.clock.now().toISOString(),
    type,
    data,
  });

  it('place an order of three, change who is on it and who is linked', async () => {
    const pool = await maskline.pool({}, numbers(12));
    const reference = aReference();
    const phones: Record<string, string> = { sender: aPhone(), recipient: aPhone(), courier: aPhone() };
    const participants = ['sender', 'recipient'].map((role) => ({ role, phone: phones[role] }));
    await send([event('order.placed', { reference, pool, participants, links: [['sender', 'recipient']] })]);
    await send([event('order.participant-assigned', { reference, role: 'courier', phone: phones['courier'] })]);
    await send([event('order.link-opened', { reference, between: ['courier', 'sender'] })]);
    let order = await find(reference);
    const parcel = { reference, pool, phones, order };
    await expectJoined(parcel, order, 'courier', 'sender');
    await expectJoined(parcel, order, 'sender', 'recipient');
    await send([event('order.link-closed', { reference, between: ['recipient', 'sender'] })]);
    await send([event('order.participant-removed', { reference, role: 'recipient' })]);
    order = await find(reference);
    expect(order.participants.map(({ role }: Body) => role)).toEqual(['courier', 'sender']);
    await expectJoined(parcel, order, 'courier', 'sender');
  });

  it('in another sequence than they happened leave the later participant, and the link that was opened early', async () => {
    const pool = await maskline.pool({}, numbers(12));
    const reference = aReference();
    const phones: Record<string, string> = { sender: aPhone(), recipient: aPhone(), courier: aPhone() };
    const participants = ['sender', 'recipient'].map((role) => ({ role, phone: phones[role] }));
    await send([event('order.placed', { reference, pool, participants, links: [['sender', 'recipient']] })]);
    const removed = event('order.participant-removed', { reference, role: 'courier' });
    maskline.clock.push({ seconds: 1 });
    await send([event('order.link-opened', { reference, between: ['courier', 'sender'] })]);
    await send([event('order.participant-assigned', { reference, role: 'courier', phone: phones['courier'] })]);
    await send([removed]);
    maskline.clock.push({ seconds: 3 });
    await maskline.get(OrderIntakeService).applyStored();
    const order = await find(reference);
    expect(order.participants.map(({ role }: Body) => role)).toContain('courier');
    await expectJoined({ reference, pool, phones, order }, order, 'courier', 'sender');
    expect((await maskline.api('GET', '/v1/events/rejected?limit=1')).body.events).not.toMatchObject([{ reference }]);
  });

  it('that cannot be read are rejected with the field, and quote no phone', async () => {
    const reference = aReference();
    await send([
      event('order.placed', { reference, participants: [{ role: 'Sender', phone: '+919000000001' }] }),
      event('order.placed', { reference, participants: [{ role: 'sender', phone: '+919000000001' }], links: [['a']] }),
      event('order.link-opened', { reference, between: ['a', 'a'] }),
    ]);
    const { body, text } = await maskline.api('GET', '/v1/events/rejected?limit=3');
    expect(body.events.map(({ reason }: Body) => reason)).toEqual([
      expect.stringMatching(/^data\.between /),
      expect.stringMatching(/^data\.links\.0 /),
      expect.stringMatching(/^data\.participants\.0\.role /),
    ]);
    expect(text).not.toContain('9000000001');
  });
});

describe('a request that does not fit', () => {
  const three = () => ['sender', 'recipient', 'courier'].map((role) => ({ role, phone: aPhone() }));
  const phone = '+919000000077';

  it.each([
    ['a role twice', { participants: [...three(), { role: 'sender', phone: aPhone() }] }, 'participants.3.role'],
    [
      'a phone twice',
      {
        participants: [
          { role: 'a', phone },
          { role: 'b', phone: '09000000077' },
        ],
      },
      'participants.1.phone',
    ],
    ['an unknown role in links', { participants: three(), links: [['courier', 'shop']] }, 'links.0'],
    [
      'a link twice',
      {
        participants: three(),
        links: [
          ['courier', 'sender'],
          ['sender', 'courier'],
        ],
      },
      'links.1',
    ],
    ['a link of one', { participants: three(), links: [['courier', 'courier']] }, 'links.0'],
    ['a link of three', { participants: three(), links: [['courier', 'sender', 'recipient']] }, 'links.0'],
    [
      'a stranger as the only caller',
      { participants: three(), links: [{ between: ['courier', 'sender'], onlyFrom: 'shop' }] },
      'links.0.onlyFrom',
    ],
    ['links of another form', { participants: three(), links: 'all' }, 'links'],
    [
      'a misspelt direction',
      { participants: three(), links: [{ between: ['courier', 'sender'], onlyfrom: 'sender' }] },
      'links.0',
    ],
    [
      'eleven participants',
      { participants: Array.from({ length: 11 }, (_, at) => ({ role: `r${at}`, phone: aPhone() })) },
      'participants',
    ],
  ])('names the field: %s', async (_, body, field) => {
    const pool = await maskline.pool({}, []);
    const reference = aReference();
    const answer = await place({ reference, pool, ...body });
    expect(answer).toMatchObject({ status: 422, body: { field } });
    expect(answer.text).not.toContain('9000000077');
    expect((await find(reference)).status).toBe(404);
  });

  it.each([
    ['a role of another form', { participants: [{ role: 'Sender', phone }] }],
    ['a phone as a role', { participants: [{ role: 'p919000000077', phone }] }],
    ['no participants', { participants: [] }],
    ['participants of another form', { participants: phone }],
    ['a participant without a phone', { participants: [{ role: 'sender' }] }],
    ['customer and participants', { customer: { phone }, participants: [{ role: 'sender', phone }] }],
    ['neither', {}],
    ['null for participants', { participants: null }],
  ])('is refused with the form it should have: %s', async (_, body) => {
    const answer = await place({ reference: aReference(), ...body });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.text).not.toContain('9000000077');
  });

  it('an eleventh participant, a link with a stranger, or the phone of another is refused', async () => {
    const roles = Array.from({ length: 10 }, (_, at) => `r${at}`);
    const { reference, phones } = await aParcel({ links: [] }, roles);
    expect(await put(reference, 'one-more', aPhone())).toMatchObject({ status: 422, body: { field: 'role' } });
    expect(await put(reference, 'r1', phones['r2']!)).toMatchObject({ status: 422 });
    expect(await link(reference, { between: ['r1', 'shop'] })).toMatchObject({
      status: 422,
      body: { field: 'between' },
    });
    expect(await link(reference, {})).toMatchObject({ status: 400 });
    expect(await link(reference, { between: ['r1'] })).toMatchObject({ status: 422, body: { field: 'between' } });
    expect(await unlink(reference, 'r1')).toMatchObject({ status: 400 });
  });
});
