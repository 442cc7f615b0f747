import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { OrderEventDeliveryService } from '../../../src/orders/feed/order-event-delivery.service.js';
import { CLOUD_EVENTS_BATCH } from '../../../src/orders/intake/event-message.js';
import { OrderIntakeService } from '../../../src/orders/intake/order-intake.service.js';
import { SettledEvents } from '../../../src/orders/intake/settled-events.service.js';
import { WebhookDeliveryService } from '../../../src/orders/webhooks/webhook-delivery.service.js';
import { InteractionEvents } from '../../../src/telephony/announcements/interaction-events.service.js';
import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { PersonsService } from '../../../src/telephony/persons/persons.service.js';
import { API_KEY, aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { dumpOf } from '../../support/traces.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';
import { caller, wrongPin } from '../calling.js';

let maskline: TestApp;
let receiver: WebhookReceiver;
let pool: string;
beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  maskline = await TestApp.start({ exotelTexts: true, orderEvents: { url: receiver.url, secret: 'whsec_c2VjcmV0' } });
  pool = await maskline.pool(
    { recordCalls: true, texts: 'on', textsKeptSeconds: 30 * 86_400, pin: 'unknown-callers', claimByPin: true },
    numbers(12),
  );
});
afterAll(async () => {
  await maskline?.stop();
  await receiver?.stop();
});

const erase = async (phone: string): Promise<Body> => {
  const { status, body } = await maskline.api('POST', '/v1/persons/erase', { phone });
  expect(status).toBe(200);
  return body;
};

let sent = 0;
/** Sends an event, and applies what is stored. */
async function tell(type: string, data: object): Promise<void> {
  const event = { specversion: '1.0', type, source: '/order-system', id: `event-${(sent += 1)}`, data };
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': CLOUD_EVENTS_BATCH };
  expect((await maskline.request('POST', '/v1/events', headers, JSON.stringify([event]))).status).toBe(202);
  await maskline.get(OrderIntakeService).applyStored();
}

const text = async (from: string, to: string, SmsSid: string, Body = 'I am at the gate') =>
  maskline.exotel('GET', 'sms', { From: from, To: to, SmsSid, Body });

const national = (phone: string): string => phone.replace('+91', '0');

/** Ends an order and its quarantine, and everything that is then due. */
async function letItEnd(reference: string): Promise<void> {
  await maskline.api('POST', `/v1/orders/${reference}/cancel`);
  await maskline.pass({ hours: 1 });
  await maskline.get(RepeatSecrets).deleteOld();
  await maskline.pass({ hours: 25 });
}

describe('an event that names an erased person and is not applied yet', () => {
  it('is applied, and the erasure follows it to the order', async () => {
    const agent = aPhone();
    await tell('order.agent-assigned', { reference: 'comes-later', agent: { phone: national(agent) } });
    const exported = (await maskline.api('POST', '/v1/persons/export', { phone: agent })).body;
    expect(exported.events).toMatchObject([{ type: 'order.agent-assigned', reference: 'comes-later', role: 'agent' }]);

    const { remains } = await erase(agent);
    expect(remains).toMatchObject([{ reference: 'comes-later', role: 'agent', until: null }]);
    expect(remains[0].why).toContain('not applied yet');
    expect(await maskline.get(PersonsService).finishErasures()).toBe(0);
    expect((await dumpOf(maskline)).of(agent)).toEqual(['erasures.phone_key', 'incoming_events.data']);

    await tell('order.placed', { reference: 'comes-later', customer: { phone: aPhone() }, pool });
    await maskline.get(OrderIntakeService).applyStored();
    expect(await maskline.get(PersonsService).finishErasures()).toBe(0);
    expect(await maskline.count('erasures', 'phone_key IS NOT NULL')).toBe(0);
    const order = (await maskline.api('GET', '/v1/orders/comes-later')).body;
    await text(agent, order.agent.dials, 'of-the-erased');
    expect(await maskline.count('kept_texts')).toBe(1);

    await letItEnd('comes-later');
    expect(await maskline.get(PersonsService).finishErasures()).toBe(1);
    expect(await maskline.count('kept_texts')).toBe(0);
    expect((await dumpOf(maskline)).of(agent)).toEqual([]);
  });

  it('is forgotten with the event, if that is rejected', async () => {
    const customer = aPhone();
    const people = [
      { role: 'sender', phone: aPhone() },
      { role: 'courier', phone: customer },
    ];
    for (const { role, phone } of people) {
      await tell('order.participant-assigned', { reference: 'never-comes', role, phone });
    }
    expect((await erase(customer)).remains).toMatchObject([{ reference: 'never-comes', role: 'courier' }]);
    maskline.clock.push({ minutes: 16 });
    await maskline.get(OrderIntakeService).applyStored();
    expect(await maskline.get(PersonsService).finishErasures()).toBe(1);
    expect((await dumpOf(maskline)).of(customer)).toEqual([]);
  });

  it('is continued, if a process of the previous version called the erasure done', async () => {
    const customer = aPhone();
    await tell('order.agent-assigned', { reference: 'taken-for-done', agent: { phone: customer } });
    await erase(customer);
    await maskline.dataSource.query('UPDATE erasures SET done_at = now() WHERE done_at IS NULL');
    await tell('order.placed', { reference: 'taken-for-done', customer: { phone: aPhone() }, pool });
    await maskline.get(OrderIntakeService).applyStored();
    await maskline.get(PersonsService).finishErasures();
    await letItEnd('taken-for-done');
    expect(await maskline.get(PersonsService).finishErasures()).toBe(1);
    expect((await dumpOf(maskline)).of(customer)).toEqual([]);
  });
});

/** Where a phone of the person in the test below is stored while an order needs it. */
const WHERE_A_PHONE_IS_STORED = [
  'assignments.callee_phone',
  'assignments.dialler_key',
  'audit_log.phone_key',
  'incoming_events.data',
  'participant_phones.phone',
  'participant_phones.phone_key',
  'participants.phone',
  'participants.phone_key',
  'recent_tries.subject',
];

/** Tables that this test leaves empty. Each says nothing of a person, or has the columns of one that does. */
const OF_NOBODY: readonly string[] = [
  // of BullMQ, whose jobs contain ids and hints
  ...['dedup_next', 'job_dependency', 'job_log', 'metrics', 'rate_limit'],
  ...['relay_inbox', 'relay_node', 'relay_retained', 'relay_subscription'],
  // of pools and numbers of ours
  ...['number_checks', 'number_purchases', 'supply_events', 'provider_circuits', 'provider_lists'],
  ...['pool_holdings', 'pool_inventories', 'pool_quarters', 'pool_rollups'],
  // of a restore: ids and instants
  ...['restorations', 'unconfirmed_participants'],
];

it('finds an erased person nowhere: in no column of no table, in clear, keyed or sealed', async () => {
  const [person, customer] = [aPhone(), aPhone()];
  const order = await maskline.order('of-the-person', customer, person, { pool });
  const other = aPhone();
  const repeatable = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'another-phone' };
  const declared = { phone: other };
  await maskline.request('POST', '/v1/orders/of-the-person/participants/agent/phones', repeatable, declared);
  const { callSid } = await maskline.call(person, order.agent.dials);
  await maskline.exotel('GET', 'passthru/answered', {
    CallSid: callSid,
    CallType: 'completed',
    DialCallStatus: 'completed',
    DialCallDuration: '60',
    RecordingUrl: `${maskline.exchange.url}/recordings/acme1/${callSid}.mp3`,
  });
  await text(person, order.agent.dials, 'kept');
  await text(customer, order.customer.dials, 'stops', 'STOP');
  await maskline.api('POST', '/v1/routing/explain', { from: person, to: order.agent.dials });
  const keyed = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'one' };
  await maskline.request('POST', '/v1/orders/of-the-person/calls', keyed, { from: 'agent' });
  await maskline.api('POST', '/v1/orders/of-the-person/participants/customer/block');
  // The person calls a number of another order, and keys a wrong PIN.
  const foreign = await maskline.order('of-others', aPhone(), aPhone(), { pool });
  const pin = (await maskline.api('GET', '/v1/orders/of-others/participants/customer/pin')).body.pin as string;
  await caller(maskline)(person, foreign.customer.dials, { step: 'pin-1', digits: wrongPin(pin) });
  await tell('order.agent-assigned', { reference: 'another', agent: { phone: national(person) } });
  // Tables of clients and operators.
  const { body: endpoint } = await maskline.api('POST', '/v1/webhook-endpoints', { url: receiver.url });
  await maskline.api('POST', `/v1/webhook-endpoints/${endpoint.id}/rotate-secret`, {});
  await maskline.api('POST', `/v1/webhook-endpoints/${endpoint.id}/test`);
  await maskline.api('POST', '/v1/keys', { name: 'support desk', scopes: ['support'] });
  await maskline.request('POST', '/v1/session', {}, { key: API_KEY });
  const before = await dumpOf(maskline);
  expect(before.of(person)).toEqual(WHERE_A_PHONE_IS_STORED.filter((one) => !one.startsWith('participant_phones')));
  expect(before.of(other)).toEqual([
    'assignments.dialler_key',
    'participant_phones.phone',
    'participant_phones.phone_key',
  ]);
  await maskline.get(InteractionEvents).announce();
  await maskline.get(OrderEventDeliveryService).deliver();
  await maskline.get(WebhookDeliveryService).begin();
  await maskline.get(WebhookDeliveryService).settled();

  await erase(person);
  await erase(other);
  const after = await dumpOf(maskline);
  maskline.clock.push({ minutes: 16 });
  await maskline.get(OrderIntakeService).applyStored();
  await letItEnd('of-the-person');
  await maskline.get(PersonsService).finishErasures();
  maskline.clock.push({ minutes: 2 });
  await maskline.get(EndedOrdersService).moveWhatIsOver();
  await maskline.get(SettledEvents).move();
  const last = await dumpOf(maskline);
  expect([last.of(person), last.of(other)]).toEqual([[], []]);
  expect(last.of(customer)).toEqual([]); // of the order that is over
  const filled = new Set([...before.filled, ...after.filled, ...last.filled]);
  expect([...last.empty].filter((table) => !filled.has(table)).sort()).toEqual([...OF_NOBODY].sort());
});
