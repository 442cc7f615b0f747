import { randomBytes } from 'node:crypto';

import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterAll(() => maskline.stop());

interface Parcel {
  readonly reference: string;
  readonly phones: Readonly<Record<string, string>>;
  readonly order: Body;
}

async function aParcel(roles = ['sender', 'recipient', 'courier']): Promise<Parcel> {
  const pool = await maskline.pool({ graceSeconds: 600 }, numbers(8));
  const reference = `parcel-${randomBytes(4).toString('hex')}`;
  const phones = Object.fromEntries(roles.map((role) => [role, aPhone()]));
  const participants = roles.map((role) => ({ role, phone: phones[role] }));
  const { body: order } = await maskline.api('POST', '/v1/orders', { reference, pool, participants });
  maskline.clock.push({ minutes: 1 });
  return { reference, phones, order };
}

const numberOf = (order: Body, role: string, to: string): string =>
  order.participants.find((one: Body) => one.role === role).dials.find((one: Body) => one.to === to).number;

const explain = async (from: string, to: string, at?: Date): Promise<Body> =>
  (await maskline.api('POST', '/v1/routing/explain', { from, to, at: at?.toISOString() })).body;

const change = async (method: 'DELETE' | 'POST' | 'PUT', path: string, body?: object): Promise<void> => {
  expect((await maskline.api(method, path, body)).status).toBeLessThan(300);
  maskline.clock.push({ minutes: 1 });
};

it('a call of the past is explained by the direction that its link had then, however often it changed', async () => {
  const { reference, phones, order } = await aParcel();
  const dials = { sender: numberOf(order, 'sender', 'courier'), courier: numberOf(order, 'courier', 'sender') };
  const answered: { from: 'sender' | 'courier'; at: Date; rings: boolean }[] = [];
  for (const onlyFrom of [null, 'courier', 'sender', null, 'courier']) {
    await change('POST', `/v1/orders/${reference}/links`, { between: ['sender', 'courier'], onlyFrom });
    for (const from of ['sender', 'courier'] as const) {
      const { rings } = await maskline.call(phones[from]!, dials[from]);
      answered.push({ from, at: maskline.clock.now(), rings: rings.length > 0 });
    }
    maskline.clock.push({ minutes: 1 });
  }
  expect(answered.filter(({ rings }) => rings)).toHaveLength(7);
  const expectAsAnswered = async () => {
    for (const { from, at, rings } of answered) {
      const { reason } = await explain(phones[from]!, dials[from], at);
      expect([from, at, reason]).toEqual([from, at, rings ? 'CONNECTED' : 'DIRECTION_NOT_ALLOWED']);
    }
  };
  await expectAsAnswered();
  await change('DELETE', `/v1/orders/${reference}/links?between=sender,courier`);
  await change('POST', `/v1/orders/${reference}/links`, { between: ['sender', 'courier'], onlyFrom: 'sender' });
  await change('POST', `/v1/orders/${reference}/links`, { between: ['sender', 'courier'], onlyFrom: null });
  await expectAsAnswered();
});

it('an explanation names the participants and links of the order’s events', async () => {
  const { reference, phones, order } = await aParcel(['sender', 'recipient']);
  const orders = `/v1/orders/${reference}`;
  await change('PUT', `${orders}/participants/courier`, { phone: aPhone() });
  await change('PUT', `${orders}/participants/courier`, { phone: aPhone() });
  await change('POST', `${orders}/links`, { between: ['sender', 'courier'], onlyFrom: 'courier' });
  await change('POST', `${orders}/links`, { between: ['sender', 'courier'] });
  await change('DELETE', `${orders}/links?between=recipient,courier`);
  await change('POST', `${orders}/links`, { between: ['recipient', 'courier'], onlyFrom: 'courier' });
  await change('DELETE', `${orders}/participants/courier`);
  const { words } = await explain(phones['sender']!, numberOf(order, 'sender', 'recipient'));
  const told = words.join(' ').replaceAll(/ on 20[^,.]* UTC/g, '');
  expect(told).toContain(
    [
      'joined by the courier, taken over by another courier',
      'changed: the link between the sender and the courier lets only the courier call',
      'changed: the link between the sender and the courier has no direction of its own any more',
      'changed: the link between the recipient and the courier was closed',
      'changed: the link between the recipient and the courier was opened and lets only the courier call',
      'left by the courier',
    ].join(', '),
  );
});

describe('an explanation of a call that no longer connects says what ended it', () => {
  it.each([
    [
      'a closed link',
      'LINK_CLOSED',
      'their link was closed, although the order went on',
      'DELETE',
      'links?between=sender,courier',
    ],
    ['a callee who left', 'LINK_CLOSED', 'the sender left the order', 'DELETE', 'participants/sender'],
    ['a caller who left', 'ORDER_ENDED', 'the courier left the order', 'DELETE', 'participants/courier'],
    ['another participant in the role', 'ORDER_ENDED', 'another courier took over', 'PUT', 'participants/courier'],
    [
      'the end of the order',
      'ORDER_ENDED',
      "the order's grace ended, one of the two left, or their link was closed",
      'POST',
      'cancel',
    ],
  ] as const)('%s', async (_, why, ended, method, path) => {
    const { reference, phones, order } = await aParcel();
    const body = method === 'PUT' ? { phone: aPhone() } : undefined;
    await change(method, `/v1/orders/${reference}/${path}`, body);
    const { reason, words } = await explain(phones['courier']!, numberOf(order, 'courier', 'sender'));
    expect([reason, words[0]]).toEqual([why, expect.stringContaining(`: then ${ended}.`)]);
  });
});
