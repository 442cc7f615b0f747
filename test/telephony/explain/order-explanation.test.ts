import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { CallsOfNoOrder } from '../../../src/telephony/interactions/calls-of-no-order.service.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';

let maskline: TestApp;
let pool: string;
const logged: string[] = [];
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
  pool = await maskline.pool({ capacity: 1_000 }, numbers(4));
});
afterAll(async () => maskline?.stop());

const explain = async (asked: Body): Promise<Body> => {
  const { status, body, text } = await maskline.api('POST', '/v1/routing/explain', asked);
  expect(status).toBe(200);
  for (const phone of phones) expect(text).not.toContain(phone.slice(3));
  return body;
};
const refused = async (asked: Body) => {
  const { status, body } = await maskline.api('POST', '/v1/routing/explain', asked);
  return [status, body.type, body.field];
};
const phones: string[] = [];
const somebody = () => {
  phones.push(aPhone());
  return phones.at(-1)!;
};
const reported = async (callSid: string) =>
  maskline.exotel('GET', 'passthru/answered', {
    CallSid: callSid,
    DialCallStatus: 'completed',
    'Legs[0][OnCallDuration]': '61',
    'Legs[0][Insights][RingingDuration]': '5',
    'Legs[0][DisconnectedBy]': 'Caller',
  });

it('tells every call of an order, and those of unknown callers that may be theirs, with numbers that serve others too', async () => {
  const [customer, agent, second] = [somebody(), somebody(), somebody()];
  // The numbers serve another order, so that an unknown caller's call belongs to none.
  await maskline.order('others', somebody(), somebody(), { pool });
  const before = await maskline.order('before', somebody(), somebody(), { pool });
  await maskline.call(second, before.agent.dials);
  maskline.clock.push({ minutes: 1 });
  const order = await maskline.order('told', customer, agent, { pool });
  for (let one = 0; one < 8; one += 1) await maskline.order(`beside-${one}`, somebody(), somebody(), { pool });
  maskline.clock.push({ minutes: 1 });
  const { callSid } = await maskline.call(customer, order.customer.dials);
  await reported(callSid);
  maskline.clock.push({ minutes: 1 });
  const ofSecond = await maskline.call(second, order.agent.dials); // the agent's second phone
  maskline.clock.push({ minutes: 1 });
  await maskline.call(agent, order.agent.dials);

  const told = await explain({ reference: 'told' });
  expect(told).toMatchObject({
    reference: 'told',
    role: null,
    isWhole: true,
    calls: [
      { from: 'customer', to: 'agent', number: order.customer.dials, ringSeconds: 5, hungUpBy: 'caller' },
      { from: 'agent', to: 'customer', number: order.agent.dials, outcome: null },
    ],
    possiblyTheirs: [{ from: 'unknown', number: order.agent.dials, providerCallId: ofSecond.callSid }],
  });
  const [opening, first, , ...rest] = told.words;
  expect(opening).toBe('Order told has 2 calls.');
  expect(first).toMatch(
    /^On \S+ \S+ UTC: The customer called the agent; .*5 s, they talked for 1 min 1 s and the customer hung up\.$/,
  );
  expect(rest).toEqual([
    'Possibly theirs, from phones that are not known: 1 call to the same numbers, while they had them.',
    expect.stringMatching(/^Possibly theirs, on .* to \+91\d+: An unknown caller called and was not connected: .*\.$/),
  ]);

  // By role: the agent's second phone dialled the number that the agent dials.
  expect(await explain({ reference: 'told', role: 'agent' })).toMatchObject({
    calls: [{ from: 'customer' }, { from: 'agent' }],
    possiblyTheirs: [{ providerCallId: ofSecond.callSid }],
  });
  if (order.customer.dials !== order.agent.dials)
    expect((await explain({ reference: 'told', role: 'customer' })).possiblyTheirs).toEqual([]);

  // The same once all of it is in its month.
  const asBefore = await explain({ reference: 'told' });
  await maskline.api('POST', '/v1/orders/told/cancel');
  await maskline.pass({ hours: 25 });
  maskline.clock.push({ minutes: 2 });
  await maskline.get(RepeatSecrets).deleteOld();
  await maskline.dataSource.query('UPDATE interactions SET ask_at = NULL');
  await maskline.get(EndedOrdersService).moveWhatIsOver();
  await maskline.get(CallsOfNoOrder).move();
  expect(await maskline.count('ended_orders', `reference = 'told'`)).toBe(1);
  expect(await maskline.count('interactions', `provider_call_id = '${ofSecond.callSid}'`)).toBe(0);
  expect(await explain({ reference: 'told' })).toEqual(asBefore);
  expect(logged.join('\n')).not.toContain(second.slice(3));
});

it('has a call to a number that serves one order among that order’s, also if nobody knows who called', async () => {
  const alone = await maskline.pool({}, numbers(2));
  const order = await maskline.order('alone', somebody(), somebody(), { pool: alone });
  await maskline.call(somebody(), order.agent.dials);
  expect(await explain({ reference: 'alone' })).toMatchObject({ calls: [{ from: 'unknown' }], possiblyTheirs: [] });
  expect((await explain({ reference: 'alone', role: 'agent' })).calls).toHaveLength(1);
  expect((await explain({ reference: 'alone', role: 'customer' })).calls).toHaveLength(0);
});

it('takes one call or one order, and says which field does not go with the others', async () => {
  await maskline.order('one', somebody(), undefined, { pool });
  expect((await explain({ reference: 'one' })).words).toEqual(['Order one has no calls.']);
  expect(await refused({ reference: 'one', from: '+919000000001' })).toEqual([
    400,
    '/problems/invalid-request',
    'from',
  ]);
  expect(await refused({ reference: 'one', at: '2026-11-22T06:00:00Z' })).toEqual([
    400,
    '/problems/invalid-request',
    'at',
  ]);
  expect(await refused({ from: '+919000000001', to: '+918047000001', role: 'agent' })).toEqual([
    ...[400, '/problems/invalid-request', 'role'],
  ]);
  expect(await refused({})).toEqual([400, '/problems/invalid-request', 'from']);
  expect(await refused({ reference: 'none' })).toEqual([404, '/problems/order-not-found', undefined]);
  expect(await refused({ reference: 'one', role: 'courier' })).toEqual([
    404,
    '/problems/participant-not-found',
    undefined,
  ]);
});

it('is audited, and shows orders of a key’s pools only', async () => {
  await explain({ reference: 'one' });
  const [entry] = (await maskline.api('GET', '/v1/audit?limit=1')).body.entries;
  expect(entry).toMatchObject({ what: 'routing.explain', about: 'one', phone: null });
  const other = await maskline.pool({}, numbers(2));
  const { key } = (await maskline.api('POST', '/v1/keys', { name: 'other', scopes: ['support'], pools: [other] })).body;
  const asked = async (reference: string) =>
    (await maskline.request('POST', '/v1/routing/explain', { authorization: `Bearer ${key}` }, { reference })).status;
  await maskline.order('its-own', somebody(), undefined, { pool: other });
  expect([await asked('its-own'), await asked('one')]).toEqual([200, 404]);
});
