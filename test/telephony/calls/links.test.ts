import { randomBytes } from 'node:crypto';

import { LinkNotFound, SeveralLinks } from '../../../src/orders/order/orders.problems.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { TextRoutingService, type RoutedText } from '../../../src/telephony/texts/text-routing.service.js';
import type { NewPool } from '../../../src/virtual-numbers/pools/pools.service.js';
import { aPhone, API_KEY, numbers, TestApp, type Body } from '../../support/app.js';
import { caller, participant, problem } from '../calling.js';

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start({
    exotelTexts: true,
    twilioWhisper: 'Call about order {order}, from the {role}',
  });
  call = caller(maskline);
});
afterAll(() => maskline.stop());

type Role = 'courier' | 'sender' | 'recipient';
const ROLES: readonly Role[] = ['courier', 'sender', 'recipient'];
const DIRECTIONS: readonly (readonly [Role, Role])[] = [
  ['courier', 'sender'],
  ['sender', 'courier'],
  ['courier', 'recipient'],
  ['recipient', 'courier'],
];

interface Parcel {
  readonly reference: string;
  readonly phones: Readonly<Record<Role, string>>;
  /** The number that one participant dials to reach another. */
  readonly dials: (from: Role, to: Role) => string;
}

interface ParcelOptions extends Partial<Omit<NewPool, 'links'>> {
  /** A pool that exists; default: one with this policy and six numbers. */
  readonly pool?: string;
  readonly on?: readonly Role[];
  readonly links?: readonly unknown[];
}

/** An order of a parcel. */
async function aParcel({ pool, on = ROLES, links, ...policy }: ParcelOptions = {}): Promise<Parcel> {
  const reference = `parcel-${randomBytes(4).toString('hex')}`;
  const phones = { courier: aPhone(), sender: aPhone(), recipient: aPhone() };
  const { status, text } = await maskline.api('POST', '/v1/orders', {
    reference,
    pool: pool ?? (await maskline.pool(policy, numbers(6))),
    participants: on.map((role) => ({ role, phone: phones[role] })),
    ...(links && { links }),
  });
  if (status !== 201) throw new Error(text);
  const { body } = await maskline.api('GET', `/v1/orders/${reference}`);
  return { reference, phones, dials: (from, to) => numberOf(body, from, to)! };
}

function numberOf(order: Body, from: Role, to: Role): string | undefined {
  const { dials } = order.participants.find(({ role }: Body) => role === from);
  return dials.find((link: Body) => link.to === to)?.number;
}

const interactionsOf = async (reference: string): Promise<Body[]> =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

async function explain(from: string, to: string, at?: Date): Promise<Body> {
  const { status, body, text } = await maskline.api('POST', '/v1/routing/explain', { from, to, at: at?.toISOString() });
  if (status !== 200) throw new Error(text);
  return body;
}

describe('an order of three people', () => {
  it.each(DIRECTIONS)('connects a call from the %s to the %s, and the number shown calls back', async (from, to) => {
    const { reference, phones, dials } = await aParcel();
    const there = await call(phones[from], dials(from, to));
    expect(there).toMatchObject({ decision: 'connect', callee: phones[to], shownNumber: dials(to, from) });
    expect(await call(phones[to], dials(to, from))).toMatchObject({
      decision: 'connect',
      callee: phones[from],
      shownNumber: dials(from, to),
    });
    expect(await interactionsOf(reference)).toMatchObject([
      { from, to, decision: 'connect' },
      { from: to, to: from, decision: 'connect' },
    ]);
  });

  it('has a number for each link of a participant, and none where there is no link', async () => {
    const { phones, dials } = await aParcel();
    expect(dials('courier', 'sender')).not.toBe(dials('courier', 'recipient'));
    expect(dials('sender', 'recipient')).toBeUndefined();
    const strange = await call(phones.sender, dials('recipient', 'courier'));
    expect(strange.decision).toBe('refuse');
  });

  it('joins everybody it names a link for', async () => {
    const { phones, dials } = await aParcel({ links: [['sender', 'recipient']] });
    expect(await call(phones.sender, dials('sender', 'recipient'))).toMatchObject({ callee: phones.recipient });
    expect(dials('courier', 'sender')).toBeUndefined();
  });

  it('refuses the number that stands for the caller, whoever dials it to reach them', async () => {
    const { phones, dials } = await aParcel();
    expect(await call(phones.courier, dials('sender', 'courier'))).toMatchObject({ reason: 'SELF_CALL' });
    expect(await call(phones.courier, dials('recipient', 'courier'))).toMatchObject({ reason: 'SELF_CALL' });
  });

  it('counts the cap of a pool for each direction of each link, now and afterwards', async () => {
    const { phones, dials } = await aParcel({ maxCallsPerHour: 1 });
    const reason = async (from: Role, to: Role) => (await call(phones[from], dials(from, to))).reason;
    for (const [from, to] of DIRECTIONS) expect(await reason(from, to)).toBe('CONNECTED');
    expect(await reason('courier', 'sender')).toBe('CAP_REACHED');
    const other = await aParcel({ maxCallsPerHour: 1 });
    await call(other.phones.courier, other.dials('courier', 'sender'));
    maskline.clock.push({ seconds: 5 });
    const then = maskline.clock.now();
    maskline.clock.push({ seconds: 5 });
    const explained = async (to: Role) =>
      (await explain(other.phones.courier, other.dials('courier', to), then)).reason;
    expect([await explained('sender'), await explained('recipient')]).toEqual(['CAP_REACHED', 'CONNECTED']);
  });
});

describe('a one-way link', () => {
  const links = [
    { between: ['courier', 'sender'], onlyFrom: 'courier' },
    { between: ['courier', 'recipient'], onlyFrom: null },
  ];

  it('connects in its direction only, whatever the pool’s; the other link is not concerned', async () => {
    const { phones, dials } = await aParcel({ links, direction: 'agent-to-customer' });
    const reason = async (from: Role, to: Role) => (await call(phones[from], dials(from, to))).reason;
    expect(await reason('courier', 'sender')).toBe('CONNECTED');
    expect(await reason('sender', 'courier')).toBe('DIRECTION_NOT_ALLOWED');
    expect(await reason('courier', 'recipient')).toBe('CONNECTED');
    expect(await reason('recipient', 'courier')).toBe('CONNECTED');
  });

  it('is explained as one, now and afterwards', async () => {
    const { phones, dials } = await aParcel({ links });
    const now = maskline.clock.now();
    maskline.clock.push({ minutes: 1 });
    for (const at of [undefined, now]) {
      const explained = await explain(phones.sender, dials('sender', 'courier'), at);
      expect(explained).toMatchObject({
        reason: 'DIRECTION_NOT_ALLOWED',
        caller: { role: 'sender' },
        callee: { role: 'courier' },
      });
      expect(explained.words[0]).toContain('Its link with the courier lets only the courier call.');
    }
  });
});

describe('a half-open link', () => {
  /** A parcel whose recipient is not known yet. */
  async function anEarlyParcel(policy: Partial<NewPool> = {}): Promise<Parcel> {
    const links = [
      ['courier', 'sender'],
      ['courier', 'recipient'],
    ] as unknown as NewPool['links']; // as a request spells them
    const pool = await maskline.pool({ assignNumbers: 'when-one-known', links, ...policy }, numbers(6));
    return aParcel({ pool, on: ['courier', 'sender'] });
  }
  const join = (reference: string, role: Role, phone: string) =>
    maskline.api('PUT', `/v1/orders/${reference}/participants/${role}`, { phone });

  it('has a number that nobody is behind yet; when the other one joins, it connects', async () => {
    const { reference, phones, dials } = await anEarlyParcel();
    const number = dials('courier', 'recipient');
    expect(await call(phones.courier, number)).toEqual({ decision: 'refuse', reason: 'NOT_CONNECTED_YET' });
    expect(await call(phones.courier, dials('courier', 'sender'))).toMatchObject({ callee: phones.sender });
    expect((await join(reference, 'recipient', phones.recipient)).status).toBe(200);
    const { body } = await maskline.api('GET', `/v1/orders/${reference}`);
    expect(numberOf(body, 'courier', 'recipient')).toBe(number);
    expect(await call(phones.courier, number)).toMatchObject({
      callee: phones.recipient,
      shownNumber: numberOf(body, 'recipient', 'courier'),
    });
    expect(await call(phones.recipient, numberOf(body, 'recipient', 'courier')!)).toMatchObject({
      callee: phones.courier,
      shownNumber: number,
    });
    const steps = (await interactionsOf(reference)).map(({ to, reason }) => [to, reason]);
    expect(steps[0]).toEqual(['recipient', 'NOT_CONNECTED_YET']);
  });

  it('is explained by the role that is missing, also when somebody has joined since', async () => {
    const { reference, phones, dials } = await anEarlyParcel();
    const number = dials('courier', 'recipient');
    const halfOpen = {
      decision: 'refuse',
      reason: 'NOT_CONNECTED_YET',
      order: { reference },
      caller: { role: 'courier' },
      callee: { role: 'recipient', participantId: null, phone: null },
    };
    expect(await explain(phones.courier, number)).toMatchObject(halfOpen);
    maskline.clock.push({ minutes: 1 });
    const then = maskline.clock.now();
    maskline.clock.push({ minutes: 1 });
    await join(reference, 'recipient', phones.recipient);
    maskline.clock.push({ minutes: 1 });
    expect(await explain(phones.courier, number, then)).toMatchObject(halfOpen);
    expect(await explain(phones.courier, number)).toMatchObject({
      decision: 'connect',
      callee: { role: 'recipient', participantId: expect.any(String) },
    });
  });

  it('drops texts, and says why', async () => {
    const { phones, dials } = await anEarlyParcel({ texts: 'on' });
    expect(await write(phones.courier, dials('courier', 'recipient'))).toEqual({
      decision: 'drop',
      reason: 'NOT_CONNECTED_YET',
    });
  });

  it('is no link for an ordered call yet', async () => {
    const { reference } = await anEarlyParcel();
    const answer = await order(reference, { from: 'courier', to: 'recipient' });
    expect([problem(answer), answer.body.reason]).toEqual(['409 /problems/call-not-allowed', 'NOT_CONNECTED_YET']);
  });
});

it('a PIN leads to one link', async () => {
  const { reference, phones, dials } = await aParcel({ pin: 'always' });
  const pinTo = (to: Role) => participant(maskline, reference, 'courier', to).pin();
  const pins = { sender: await pinTo('sender'), recipient: await pinTo('recipient') };
  expect(pins.sender).not.toBe(pins.recipient);
  const withPin = (to: Role, pin: string) =>
    call(phones.courier, dials('courier', to), { step: 'connect-pin', digits: pin });
  expect(await withPin('sender', pins.sender)).toMatchObject({ decision: 'connect', callee: phones.sender });
  expect(await withPin('recipient', pins.recipient)).toMatchObject({ decision: 'connect', callee: phones.recipient });
  expect(await withPin('sender', pins.recipient)).toMatchObject({ decision: 'ask-pin', reason: 'PIN_WRONG' });
  const unnamed = await participant(maskline, reference, 'courier').askPin();
  expect(problem(unnamed)).toBe(slug(SeveralLinks));
  expect((await participant(maskline, reference, 'sender').askPin()).status).toBe(200);
});

it('a block concerns one link', async () => {
  const { reference, phones, dials } = await aParcel();
  expect(problem(await participant(maskline, reference, 'courier').block())).toBe(slug(SeveralLinks));
  expect((await participant(maskline, reference, 'courier', 'sender').block()).status).toBe(200);
  const reason = async (from: Role, to: Role) => (await call(phones[from], dials(from, to))).reason;
  expect(await reason('sender', 'courier')).toBe('BLOCKED');
  expect(await reason('courier', 'sender')).toBe('CONNECTED');
  expect(await reason('recipient', 'courier')).toBe('CONNECTED');
  const explained = await explain(phones.sender, dials('sender', 'courier'));
  expect(explained.words[0]).toContain('The courier blocks calls from this caller.');
  await participant(maskline, reference, 'courier', 'sender').unblock();
  expect(await reason('sender', 'courier')).toBe('CONNECTED');
});

describe('an ordered call', () => {
  let pool: string;
  beforeAll(async () => {
    pool = await maskline.pool({ lowWater: 8, target: 8, maxNumbers: 8, capacity: 50 });
    await maskline.replenish(pool);
  });

  it('is ordered by both roles, once for each key', async () => {
    const { reference, dials } = await aParcel({ pool });
    const key = aKey();
    const { status, body } = await order(reference, { from: 'courier', to: 'recipient' }, key);
    expect([status, body.from, body.to]).toEqual([201, 'courier', 'recipient']);
    expect(body.shownNumber).toBe(dials('recipient', 'courier'));
    const again = await order(reference, { from: 'courier', to: 'recipient' }, key);
    expect([again.status, again.body.id, again.body.to]).toEqual([201, body.id, 'recipient']);
    expect(problem(await order(reference, { from: 'courier', to: 'sender' }, key))).toBe(
      '422 /problems/idempotency-key-reused',
    );
    const found = await maskline.api('GET', `/v1/orders/${reference}/calls/${body.id}`);
    expect(found.body).toMatchObject({ from: 'courier', to: 'recipient' });
  });

  it('needs the second role only if the first has several links', async () => {
    const { reference } = await aParcel({ pool });
    expect(problem(await order(reference, { from: 'courier' }))).toBe(slug(SeveralLinks));
    expect(problem(await order(reference, { from: 'courier', to: 'shop' }))).toBe(slug(LinkNotFound));
    const { status, body } = await order(reference, { from: 'sender' });
    expect([status, body.from, body.to]).toEqual([201, 'sender', 'courier']);
  });

  it.each([
    [7, 'to must be a string'],
    ['Sender!', 'to must be a role'],
    ['', 'to must be a role'],
  ])('is refused with the second role %s', async (to, because) => {
    const { reference } = await aParcel({ pool });
    const answer = await order(reference, { from: 'courier', to });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(because)]);
  });
});

it('a text goes to the other end of the link, and is kept with the roles of both', async () => {
  const { reference, phones, dials } = await aParcel({ texts: 'on', textsKeptSeconds: 3_600 });
  expect(await write(phones.courier, dials('courier', 'sender'), 'At the gate')).toMatchObject({
    to: phones.sender,
    from: dials('sender', 'courier'),
  });
  maskline.clock.push({ seconds: 1 });
  expect(await write(phones.recipient, dials('recipient', 'courier'), 'Third floor')).toMatchObject({
    to: phones.courier,
  });
  const kept = async (query = '') =>
    (await maskline.api('GET', `/v1/orders/${reference}/texts${query}`)).body.texts.map(({ from, to, words }: Body) => [
      from.role,
      to.role,
      words,
    ]);
  const [toSender, toCourier] = [
    ['courier', 'sender', 'At the gate'],
    ['recipient', 'courier', 'Third floor'],
  ];
  expect(await kept()).toEqual([toCourier, toSender]);
  expect(await kept('?to=sender')).toEqual([toSender]);
  expect(await kept('?to=recipient')).toEqual([]);
  expect(await interactionsOf(reference)).toMatchObject([
    { kind: 'text', from: 'courier', to: 'sender' },
    { kind: 'text', from: 'recipient', to: 'courier' },
  ]);
});

it('texts of one link do not use up those of another', async () => {
  const { phones, dials } = await aParcel({ texts: 'on' });
  for (let sent = 0; sent < 30; sent += 1) await write(phones.courier, dials('courier', 'sender'), `${sent} ok`);
  expect(await write(phones.courier, dials('courier', 'sender'), 'ok')).toMatchObject({ reason: 'TOO_MANY_TEXTS' });
  expect(await write(phones.sender, dials('sender', 'courier'), 'ok')).toMatchObject({ reason: 'TOO_MANY_TEXTS' });
  expect(await write(phones.courier, dials('courier', 'recipient'), 'ok')).toMatchObject({ to: phones.recipient });
});

it('a call is explained by the roles of its link, and so are the calls around it', async () => {
  const { reference, phones, dials } = await aParcel();
  const [from, number] = [phones.courier, dials('courier', 'recipient')];
  await call(from, number);
  const now = maskline.clock.now();
  maskline.clock.push({ minutes: 1 });
  for (const at of [undefined, now]) {
    const explained = await explain(from, number, at);
    expect(explained).toMatchObject({
      decision: 'connect',
      shownNumber: dials('recipient', 'courier'),
      caller: { role: 'courier' },
      callee: { role: 'recipient', phone: `+91••••••••${phones.recipient.slice(-2)}` },
      calls: [{ from: 'courier', to: 'recipient', reference }],
    });
    expect(explained.words[0]).toContain(`The caller is the courier of order ${reference}`);
    expect(explained.words[0]).toContain('leads to its recipient');
  }
});

it('a courier hears which of the others calls', async () => {
  const pool = await maskline.pool({ country: 'US', provider: 'twilio', target: 6, lowWater: 6, maxNumbers: 6 });
  await maskline.replenish(pool);
  const { reference, phones, dials } = await aParcel({ pool });
  const heard = async (from: Role) => {
    const { steps } = await maskline.place({ from: phones[from], to: dials(from, 'courier') });
    return steps.filter(({ by }: Body) => by === 'callee').map((step: Body) => step.heard);
  };
  expect(await heard('sender')).toEqual([`Call about order ${reference}, from the sender`]);
  expect(await heard('recipient')).toEqual([`Call about order ${reference}, from the recipient`]);
});

let keys = 0;
const aKey = () => `link-${(keys += 1)}`;

function order(reference: string, body: object, key = aKey()) {
  const headers = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': key };
  return maskline.request('POST', `/v1/orders/${reference}/calls`, headers, body);
}

function write(from: string, to: string, body = 'On my way'): Promise<RoutedText> {
  return maskline.get(TextRoutingService).route({
    provider: 'exotel',
    providerMessageId: `SM${randomBytes(16).toString('hex')}`,
    dialled: [to as E164],
    sender: from as E164,
    body,
    media: 0,
    optOut: null,
  });
}

function slug({ kind }: { kind: { slug: string; status: number } }): string {
  return `${kind.status} /problems/${kind.slug}`;
}
