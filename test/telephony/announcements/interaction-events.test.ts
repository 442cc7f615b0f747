import { randomBytes } from 'node:crypto';

import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { WebhookDeliveryService } from '../../../src/orders/webhooks/webhook-delivery.service.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { InteractionEvents } from '../../../src/telephony/announcements/interaction-events.service.js';
import { connectionOf, sharedPool } from '../../../src/platform/database/statement.js';
import { DecisionRecords } from '../../../src/telephony/decisions/decision-records.js';
import type { Decided } from '../../../src/telephony/decisions/interactions.queries.js';
import { recordReport } from '../../../src/telephony/interactions/call-reports.queries.js';
import { InteractionsService } from '../../../src/telephony/interactions/interactions.service.js';
import type { CallEnd } from '../../../src/telephony/providers/call-report.js';
import { TextDeliveriesService } from '../../../src/telephony/texts/text-deliveries.service.js';
import { TextRoutingService } from '../../../src/telephony/texts/text-routing.service.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { leaksIn } from '../../support/leaks.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';
import { anOrder, type OrderOfTwo } from '../calling.js';

let maskline: TestApp;
const phones: string[] = [];

beforeAll(async () => {
  maskline = await TestApp.start({ exotelTexts: true });
});
afterAll(() => maskline.stop());

const announce = () => maskline.get(InteractionEvents).announce();
const report = (callId: string, end: Partial<CallEnd>) =>
  maskline
    .get(InteractionsService)
    .report('exotel', callId, { state: 'ended', outcome: 'completed', talkSeconds: null, ...end });

async function aPair(policy: object = {}): Promise<OrderOfTwo> {
  const order = await anOrder(maskline, policy);
  phones.push(order.customer, order.agent);
  return order;
}

/** The events of calls and texts since a place in the feed, without that of `subject`s that are not given. */
async function events(...subjects: string[]): Promise<Body[]> {
  await announce();
  const { body } = await maskline.api('GET', '/v1/order-events?types=call.*,text.*&limit=1000');
  return (body.events as Body[]).filter(({ subject }) => subjects.includes(subject));
}
const typesOf = (told: Body[]) => told.map(({ type }) => type);

it('an unanswered call is told as decided, ended and missed, to the feed and to webhook endpoints', async () => {
  const receiver = await WebhookReceiver.start();
  const types = ['call.missed', 'call.ended'];
  const { secret } = (await maskline.api('POST', '/v1/webhook-endpoints', { url: receiver.url, types })).body;
  const pool = await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2 });
  await maskline.replenish(pool);
  const { reference, customer, customerDials } = await aPair({ pool });
  await maskline.place({ from: customer, to: customerDials, callee: 'no-answer', deliverTwice: true });
  const told = await events(reference);
  expect(typesOf(told)).toEqual(['call.decided', 'call.ended', 'call.missed']);
  const [decided, ended, missed] = told;
  const call = {
    reference,
    provider: 'exotel',
    from: 'customer',
    to: 'agent',
    decision: 'connect',
    reason: 'CONNECTED',
  };
  const { providerCallId } = decided!.data;
  expect(decided!.data).toEqual({ ...call, providerCallId });
  expect(missed!.data).toEqual({ ...call, providerCallId, outcome: 'no-answer', talkSeconds: 0 });
  expect(ended!.data).toEqual(missed!.data);
  const delivery = maskline.get(WebhookDeliveryService);
  await delivery.begin();
  await delivery.settled();
  expect(receiver.events(secret).map(({ type, data }) => [type, data])).toEqual([
    ['call.ended', ended!.data],
    ['call.missed', missed!.data],
  ]);
  await receiver.stop();
});

it('a completed call is told with its seconds, once however often it is reported, and again when it is corrected', async () => {
  const { reference, agent, agentDials } = await aPair();
  const { callSid } = await maskline.call(agent, agentDials);
  await Promise.all(Array.from({ length: 8 }, () => report(callSid, { talkSeconds: 60, sequence: 1 })));
  const told = await events(reference);
  expect(typesOf(told)).toEqual(['call.decided', 'call.ended']);
  expect(told[1]!.data).toMatchObject({ from: 'agent', to: 'customer', outcome: 'completed', talkSeconds: 60 });
  await report(callSid, { talkSeconds: 61, sequence: 2 });
  expect((await events(reference)).slice(2)).toMatchObject([{ type: 'call.ended', data: { talkSeconds: 61 } }]);
  await report(callSid, { outcome: 'no-answer' }); // a weaker word changes nothing
  expect(await events(reference)).toHaveLength(3);
});

it('a refused call is told, and has no end; a call that nobody can be found for is told without an order', async () => {
  const { reference, agent, agentDials } = await aPair({ direction: 'customer-to-agent' });
  const refused = await maskline.call(agent, agentDials);
  await report(refused.callSid, { outcome: 'not-dialled' });
  expect(await events(reference)).toMatchObject([
    { type: 'call.decided', data: { decision: 'refuse', reason: 'DIRECTION_NOT_ALLOWED', from: 'agent' } },
  ]);
  const stranger = aPhone();
  phones.push(stranger);
  const { callSid } = await maskline.call(stranger, agentDials);
  const elsewhere = await maskline.call(stranger, '+918047099999'); // none of ours
  const told = await events(reference, `exotel ${callSid}`, `exotel ${elsewhere.callSid}`);
  const call = { provider: 'exotel', providerCallId: callSid, reason: 'UNKNOWN_CALLER' };
  expect(told.slice(1).map(({ type, data }) => [type, data])).toEqual([['call.unattributed', { reference, ...call }]]);
  // Another order shares the number: then nobody can say whose call it is.
  const shared = await maskline.pool({ capacity: 2 }, numbers(2));
  const other = await anOrder(maskline, { pool: shared });
  await anOrder(maskline, { pool: shared });
  phones.push(other.customer, other.agent);
  const lost = await maskline.call(stranger, other.agentDials);
  expect((await events(`exotel ${lost.callSid}`)).map(({ type, data }) => [type, data])).toEqual([
    ['call.unattributed', { ...call, providerCallId: lost.callSid }],
  ]);
});

it('a call with a PIN is told at each of its decisions', async () => {
  const { reference, customer, agentDials } = await aPair({ pin: 'unknown-callers' });
  const stranger = aPhone();
  phones.push(stranger);
  const pin = (await maskline.api('GET', `/v1/orders/${reference}/participants/agent/pin`)).body.pin as string;
  const callSid = randomBytes(16).toString('hex');
  const query = (more: object) => ({ CallSid: callSid, CallFrom: stranger, CallTo: agentDials, ...more });
  await maskline.exotel('GET', 'connect', query({}));
  const { body } = await maskline.exotel('GET', 'connect-pin', query({ digits: `"${pin}"` }));
  expect(body.destination.numbers).toEqual([customer]);
  await report(callSid, { talkSeconds: 9 });
  expect((await events(reference)).map(({ type, data }) => [type, data.reason, data.from])).toEqual([
    ['call.decided', 'PIN_REQUIRED', 'unknown'],
    ['call.decided', 'CONNECTED', 'agent'],
    ['call.ended', 'CONNECTED', 'agent'],
  ]);
});

it('a decision that is recorded after the end is told before it, and once if it is recorded again', async () => {
  const { reference, customerDials } = await aPair();
  const [{ id: orderId }] = await maskline.dataSource.query('SELECT id FROM orders WHERE reference = $1', [reference]);
  const providerCallId = randomBytes(16).toString('hex');
  await report(providerCallId, { outcome: 'busy', talkSeconds: 0 });
  expect(await events(reference)).toEqual([]);
  const at = maskline.clock.now();
  const decided: Decided = {
    ...{ provider: 'exotel', providerCallId, stepName: 'connect', virtualNumber: customerDials as E164, at },
    step: { decision: 'connect', reason: 'CONNECTED', at: at.toISOString(), calleeRole: 'agent' },
    verdict: { decision: 'connect', reason: 'CONNECTED', orderId, callerRole: 'customer' },
    ...{ askAt: null, secret: null },
  };
  await maskline.get(DecisionRecords).record(decided);
  await maskline.get(DecisionRecords).record(decided);
  expect(typesOf(await events(reference))).toEqual(['call.decided', 'call.ended', 'call.missed']);
});

it('the end of a call that was moved with its order is told', async () => {
  const { reference, customer, customerDials } = await aPair({ graceSeconds: 0, quarantineSeconds: 60 });
  const { callSid } = await maskline.call(customer, customerDials);
  await maskline.api('POST', `/v1/orders/${reference}/complete`);
  await maskline.pass({ hours: 1 });
  await maskline.pass({ hours: 1 });
  await maskline.dataSource.query('UPDATE interactions SET ask_at = NULL, repeat_secret = NULL');
  await maskline.get(EndedOrdersService).moveWhatIsOver();
  expect(await maskline.count('ended_interactions', `provider_call_id = '${callSid}'`)).toBe(1);
  for (let times = 0; times < 2; times += 1) await report(callSid, { talkSeconds: 30 });
  const told = await events(reference);
  expect(typesOf(told)).toEqual(['call.decided', 'call.ended']);
  expect(told[1]!.data).toMatchObject({ reference, talkSeconds: 30 });
});

it('texts are told: forwarded, failed, and consent', async () => {
  const { reference, customer, agent, customerDials, agentDials } = await aPair({ texts: 'on' });
  const send = async (from: string, to: string, body: string) => {
    const providerMessageId = `SM${randomBytes(16).toString('hex')}`;
    await maskline.get(TextRoutingService).route({
      ...{ provider: 'exotel', providerMessageId, body, media: 0, optOut: null },
      ...{ dialled: [to as E164], sender: from as E164 },
    });
    return providerMessageId;
  };
  const deliveries = maskline.get(TextDeliveriesService);
  const first = await send(customer, customerDials, 'On my way');
  for (let times = 0; times < 2; times += 1)
    await deliveries.report('exotel', first, { delivery: 'failed', recipientOptedOut: true });
  const dropped = await send(customer, customerDials, 'Are you there?');
  const again = await send(agent, agentDials, 'START');
  const stopped = await send(customer, customerDials, 'STOP');
  const text = { reference, provider: 'exotel' };
  const people = { from: 'customer', to: 'agent' };
  expect((await events(reference)).map(({ type, data }) => [type, data])).toEqual([
    ['text.forwarded', { ...text, providerMessageId: first, ...people, reason: 'FORWARDED' }],
    ['text.failed', { ...text, providerMessageId: first, ...people, reason: 'FORWARDED', outcome: 'failed' }],
    ['text.opted-out', { ...text, providerMessageId: first, role: 'agent' }],
    [
      'text.failed',
      { ...text, providerMessageId: dropped, ...people, reason: 'RECIPIENT_OPTED_OUT', outcome: 'dropped' },
    ],
    ['text.opted-in', { ...text, providerMessageId: again, role: 'agent' }],
    ['text.opted-out', { ...text, providerMessageId: stopped, role: 'customer' }],
  ]);
});

it('an end that is reported twice at once is announced once', async () => {
  const { reference, customer, customerDials } = await aPair();
  const { callSid } = await maskline.call(customer, customerDials);
  const end: Parameters<typeof recordReport>[1] = {
    ...{ provider: 'exotel', providerCallId: callSid, progress: null, sequence: null, outcome: 'completed' },
    ...{ talkSeconds: 7, ringSeconds: null, hungUpBy: null, at: maskline.clock.now() },
  };
  const first = maskline.dataSource.createQueryRunner();
  await first.startTransaction();
  await recordReport(await connectionOf(first.manager), end);
  const second = recordReport(sharedPool(maskline.dataSource), end);
  await eventually(async () => {
    const [row] = await maskline.dataSource.query(
      `SELECT count(*)::integer AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row.waiting > 0;
  });
  await first.commitTransaction();
  await first.release();
  await second;
  expect(typesOf(await events(reference))).toEqual(['call.decided', 'call.ended']);
});

it('several processes announce each once, in sequence, and clients of order events get none of it', async () => {
  const { reference, customer, customerDials } = await aPair();
  const callSids: string[] = [];
  for (let calls = 0; calls < 20; calls += 1) callSids.push((await maskline.call(customer, customerDials)).callSid);
  await Promise.all([announce(), announce(), announce()]);
  const told = await events(reference);
  expect(told.map(({ data }) => data.providerCallId)).toEqual(callSids);
  expect(await maskline.count('interaction_news')).toBe(0);
  const { body } = await maskline.api('GET', '/v1/order-events?limit=1000');
  expect(body.events.filter(({ type }: Body) => !type.startsWith('order.'))).toEqual([]);
});

it('contains no phone', async () => {
  const { text } = await maskline.api('GET', '/v1/order-events?types=*&limit=1000');
  expect(text).toContain('call.unattributed');
  expect(leaksIn(text, phones)).toEqual([]);
  for (const number of numbers(1)) expect(text).not.toContain(number.slice(3));
});
