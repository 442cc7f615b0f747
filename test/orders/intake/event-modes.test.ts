import { randomUUID } from 'node:crypto';

import { CloudEvent, HTTP, type Message } from 'cloudevents';

import { OrderIntakeService } from '../../../src/orders/intake/order-intake.service.js';
import { API_KEY, aPhone, numbers, TestApp, type Answer } from '../../support/app.js';

let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start();
  pool = await maskline.pool({}, numbers(20));
});
afterAll(() => maskline?.stop());

const apply = () => maskline.get(OrderIntakeService).applyStored();
const statusOf = async (reference: string) => (await maskline.api('GET', `/v1/orders/${reference}`)).body.status;

/** Over a socket, as the package makes the message. */
async function send({ headers, body }: Message): Promise<Answer> {
  const response = await fetch(`${maskline.url}/v1/events`, {
    method: 'POST',
    headers: { ...(headers as Record<string, string>), authorization: `Bearer ${API_KEY}` },
    body: body as string,
  });
  const text = await response.text();
  return { status: response.status, headers: {}, body: JSON.parse(text), text };
}

function anEvent(type: string, reference: string, data: object = {}): CloudEvent<object> {
  const time = maskline.clock.now().toISOString();
  return new CloudEvent({ type, source: '/order-system', time, data: { reference, ...data }, partitionkey: 'x' });
}
const placed = (reference: string) => anEvent('order.placed', reference, { customer: { phone: aPhone() }, pool });
const assigned = (reference: string) => anEvent('order.agent-assigned', reference, { agent: { phone: aPhone() } });

/** The package makes no batches; its reader takes this. */
const batched = (events: readonly CloudEvent<object>[]): Message => ({
  headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
  body: JSON.stringify(events),
});

it.each<[mode: string, messages: (events: CloudEvent<object>[]) => Message[]]>([
  ['binary', (events) => events.map((event) => HTTP.binary(event))],
  ['structured', (events) => events.map((event) => HTTP.structured(event))],
  ['batched', (events) => [batched(events)]],
])('takes events that the package cloudevents made, in %s mode, each once', async (mode, messages) => {
  const reference = `in-${mode}-mode`;
  const sent = messages([placed(reference), assigned(reference)]);
  for (const message of sent) {
    const received = 2 / sent.length;
    expect(await send(message)).toMatchObject({ status: 202, body: { received, repeated: 0, rejected: [] } });
    expect(await send(message)).toMatchObject({ status: 202, body: { received, repeated: received, rejected: [] } });
  }
  expect(await apply()).toMatchObject({ applied: 2, rejected: 0 });
  expect(await statusOf(reference)).toBe('active');
  expect(await maskline.count('incoming_events', `reference = '${reference}'`)).toBe(2);
});

it('knows the same event in every mode', async () => {
  const event = placed('three-times');
  const answers = [await send(HTTP.binary(event)), await send(HTTP.structured(event)), await send(batched([event]))];
  expect(answers.map(({ body }) => body.repeated)).toEqual([0, 1, 1]);
});

it('reads quoted and percent-encoded attributes', async () => {
  const { headers, body } = HTTP.binary(placed('quoted'));
  const id = '"an \\"id\\" of 100%25"';
  expect(await send({ headers: { ...headers, 'ce-id': id }, body })).toMatchObject({ status: 202 });
  expect(await maskline.count('incoming_events', `event_id = 'an "id" of 100%'`)).toBe(1);
});

describe('an event that comes alone', () => {
  const faults: readonly [what: string, change: (event: Record<string, unknown>) => void, field: string | undefined][] =
    [
      ['has no id', (event) => delete event['id'], 'id'],
      ['has no source', (event) => delete event['source'], 'source'],
      ['is of another version', (event) => (event['specversion'] = '0.3'), 'specversion'],
      ['is of an unknown type', (event) => (event['type'] = 'order.eaten'), 'type'],
      ['has a time without a zone', (event) => (event['time'] = '2026-11-22 06:00'), 'time'],
      ['has no data', (event) => delete event['data'], 'data'],
      ['has a bad reference', (event) => (event['data'] = { reference: ' ' }), 'data.reference'],
      [
        'has a bad phone',
        (event) => (event['data'] = { reference: 'r', customer: { phone: 7 } }),
        'data.customer.phone',
      ],
      ['has binary data', (event) => (event['data_base64'] = 'e30='), 'data_base64'],
    ];
  it.each(faults)('and %s is refused at once, and not stored', async (_, change, field) => {
    const event = JSON.parse(JSON.stringify(placed('refused'))) as Record<string, unknown>;
    change(event);
    const before = await maskline.count('incoming_events');
    const structured = {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    };
    const { data, ...attributes } = event;
    const named = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURI(String(value))]);
    const inBinary = {
      headers: { 'content-type': 'application/json', ...Object.fromEntries(named) },
      body: JSON.stringify(data) ?? '',
    };
    for (const message of [structured, inBinary]) {
      const { status, body } = await send(message);
      expect([status, body.type, body.field]).toEqual([422, '/problems/unusable-event', field]);
      expect(body.detail).toContain(field);
    }
    expect(await maskline.count('incoming_events')).toBe(before);
  });

  it('and is no object is refused', async () => {
    const headers = { 'content-type': 'application/cloudevents+json' };
    for (const body of ['[]', '7', 'null']) {
      expect(await send({ headers, body })).toMatchObject({ status: 422, body: { type: '/problems/unusable-event' } });
    }
    expect(await send({ headers, body: '{' })).toMatchObject({ status: 400, body: { type: '/problems/invalid-json' } });
  });

  it('in another format is refused', async () => {
    const { headers } = HTTP.binary(placed('xml'));
    for (const type of ['application/xml', 'application/cloudevents+avro', 'text/plain']) {
      const { status, body } = await send({ headers: { ...headers, 'content-type': type }, body: 'x' });
      expect([status, body.accepts]).toEqual([415, expect.arrayContaining(['application/cloudevents+json'])]);
    }
  });

  it('as JSON without attributes is told how to send it', async () => {
    const { status, body } = await send({ headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([status, body.type]).toEqual([400, '/problems/invalid-request']);
    expect(body.detail).toContain('application/cloudevents+json');
  });

  it('with an Idempotency-Key is another request if only an attribute in its headers or its type differs', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { headers, body } = HTTP.binary(placed('keyed'));
    const first = await send({ headers: { ...headers, ...key }, body });
    expect(first.status).toBe(202);
    expect(await send({ headers: { ...headers, ...key }, body })).toMatchObject({ status: 202, text: first.text });
    const other = await send({ headers: { ...headers, ...key, 'ce-id': 'another' }, body });
    expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency-key-reused']);
    const typed = { ...headers, ...key, 'content-type': 'application/cloudevents+json' };
    expect((await send({ headers: typed, body })).body.type).toBe('/problems/idempotency-key-reused');
  });
});
