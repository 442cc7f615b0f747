import { randomUUID } from 'node:crypto';

import { WebhookDeliveryService } from '../../../src/orders/webhooks/webhook-delivery.service.js';
import { freePort } from '../../../src/platform/embedded/free-port.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

let maskline: TestApp;
let receiver: WebhookReceiver;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start();
  pool = await maskline.pool({}, numbers(2));
});
afterAll(() => maskline.stop());
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
});
afterEach(async () => {
  for (const { id } of (await maskline.api('GET', PATH)).body.endpoints) await maskline.api('DELETE', `${PATH}/${id}`);
  await delivery().settled();
  await receiver.stop();
});

const PATH = '/v1/webhook-endpoints';
const delivery = () => maskline.get(WebhookDeliveryService);
const begin = () => delivery().begin();
async function deliver(): Promise<void> {
  await begin();
  await delivery().settled();
}

async function add(more: object = {}): Promise<Body> {
  const { status, body, text } = await maskline.api('POST', PATH, { url: receiver.url, ...more });
  expect([status, text]).toEqual([201, expect.any(String)]);
  return body;
}
const find = async (id: string) => (await maskline.api('GET', `${PATH}/${id}`)).body;
const place = (reference: string) => maskline.order(reference, aPhone(), undefined, { pool });
const fed = async (types: string) =>
  (await maskline.api('GET', `/v1/order-events?limit=1000&types=${types}`)).body.events as Body[];

describe('an endpoint', () => {
  it('is added with a secret that is shown once, listed, changed and deleted', async () => {
    const { secret, ...endpoint } = await add({ types: ['order.*'], description: 'ours' });
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(endpoint).toMatchObject({ url: receiver.url, types: ['order.*'], description: 'ours', status: 'enabled' });
    expect((await maskline.api('GET', PATH)).body).toEqual({ endpoints: [endpoint] });
    expect(await find(endpoint.id)).toEqual(endpoint);
    const changed = await maskline.api('PATCH', `${PATH}/${endpoint.id}`, { types: ['*'], enabled: false });
    expect(changed.body).toMatchObject({
      ...{ types: ['*'], description: 'ours', status: 'disabled', disabledBecause: 'requested' },
      disabledAt: maskline.clock.now().toISOString(),
    });
    expect((await maskline.api('DELETE', `${PATH}/${endpoint.id}`)).status).toBe(204);
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', {}],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate-secret', {}],
      ['GET', '/attempts'],
      ['POST', '/replay', { since: '2026-11-22T06:00:00Z' }],
    ] as const) {
      const { body: problem } = await maskline.api(method, `${PATH}/${endpoint.id}${path}`, body);
      expect([method, path, problem.type]).toEqual([method, path, '/problems/webhook-endpoint-not-found']);
    }
    expect((await maskline.api('GET', `${PATH}/no-id`)).status).toBe(404);
  });

  it('has each change in the audit log, without its secrets', async () => {
    const { id, secret } = await add({ types: ['order.*'] });
    await maskline.api('PATCH', `${PATH}/${id}`, { types: ['*'] });
    const { body } = await maskline.api('POST', `${PATH}/${id}/rotate-secret`);
    await maskline.api('POST', `${PATH}/${id}/replay`, { since: '2026-11-22T06:00:00Z' });
    await maskline.api('DELETE', `${PATH}/${id}`);
    const { body: audited, text } = await maskline.api('GET', `/v1/audit?about=webhook%20${id}`);
    expect(audited.entries.map(({ what }: Body) => what)).toEqual([
      ...['webhooks.delete', 'webhooks.replay', 'webhooks.rotate-secret', 'webhooks.change', 'webhooks.add'],
    ]);
    expect(audited.entries[3].details).toEqual({ before: { types: ['order.*'] }, after: { types: ['*'] } });
    for (const one of [secret, body.secret]) expect(text).not.toContain(one.slice(6));
  });

  it('keeps its secret sealed', async () => {
    const { id, secret } = await add();
    const [row] = await maskline.dataSource.query('SELECT secret FROM webhook_endpoints WHERE id = $1', [id]);
    expect(row.secret.toString('latin1')).not.toContain(secret.slice(6));
    expect((await add({ secret })).secret).toBe(secret);
  });

  it.each([
    [{ url: 'ftp://example.com/' }, 'url must be a URL'],
    [{ url: 'https://key:hush@example.com/' }, 'without a user'],
    [{ url: null }, 'url must be a URL'],
    [{ types: ['order.exploded'] }, 'each of types must be one of'],
    [{ types: [] }, 'types must not be empty'],
    [{ secret: 'whsec_c2hvcnQ=' }, 'secret must be whsec_ and 24 to 64 bytes'],
  ])('is refused with %j, without a word of what was sent', async (wrong, message) => {
    const { status, text } = await maskline.api('POST', PATH, { url: receiver.url, ...wrong });
    expect(status).toBe(400);
    expect(text).toContain(message);
    expect(text).not.toMatch(/hush|exploded|c2hv/);
  });

  it('is one of fifty at most', async () => {
    for (let count = 0; count < 50; count += 1) await add();
    const { status, body } = await maskline.api('POST', PATH, { url: receiver.url });
    expect([status, body.type]).toEqual([409, '/problems/too-many-webhook-endpoints']);
  });
});

describe('a delivery', () => {
  it('begins with what happens from then on, and is read by standardwebhooks and cloudevents as they are', async () => {
    await place('before');
    const { secret } = await add();
    await maskline.order('told', aPhone(), aPhone(), { pool });
    await deliver();
    const events = receiver.events(secret);
    expect(events.map(({ type, subject, data }) => [type, subject, data])).toEqual([
      ['order.placed', 'told', { reference: 'told' }],
      ['order.agent-assigned', 'told', { reference: 'told' }],
    ]);
    const [{ headers, body }] = receiver.received as [WebhookReceiver['received'][number]];
    expect(headers['content-type']).toBe('application/cloudevents+json');
    const { type, timestamp, time, id } = JSON.parse(body) as Body;
    expect([type, timestamp]).toEqual(['order.placed', time]);
    expect(headers['webhook-id']).toBe(`event-${id}`);
    expect(() => receiver.events(`whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow('No matching signature');
    await deliver();
    expect(receiver.received).toHaveLength(2);
  });

  it('contains the types that the endpoint chose', async () => {
    const { secret } = await add({ types: ['order.cancelled'] });
    await place('chosen');
    await deliver();
    await maskline.api('POST', '/v1/orders/chosen/cancel');
    await deliver();
    expect(receiver.events(secret).map(({ type }) => type)).toEqual(['order.cancelled']);
  });

  it('to a dead or a slow endpoint delays no other, whose events come in sequence', async () => {
    const [slow, dead] = [await WebhookReceiver.start(), `http://127.0.0.1:${await freePort('127.0.0.1')}/`];
    slow.answer = 'later';
    await add({ url: dead });
    await add({ url: slow.url });
    const { secret } = await add();
    const references = Array.from({ length: 20 }, (_, index) => `in-sequence-${index}`);
    for (const reference of references) await place(reference);
    await begin();
    await eventually(() => receiver.received.length === 20 && slow.received.length === 1);
    expect(receiver.events(secret).map(({ subject }) => subject)).toEqual(references);
    // The slow one still has its first. The next events reach the healthy one too.
    await place('meanwhile');
    await eventually(async () => (await begin()) >= 0 && receiver.received.length === 21);
    expect(slow.received).toHaveLength(1);
    slow.release();
    await delivery().settled();
    await deliver();
    expect(slow.received).toHaveLength(21);
    await slow.stop();
  });

  it('is repeated by the schedule with the same id, and those after it wait', async () => {
    const { id, secret } = await add();
    await place('repeated-1');
    await place('repeated-2');
    receiver.answer = 500;
    await deliver();
    await deliver();
    expect(receiver.received).toHaveLength(1);
    expect(await find(id)).toMatchObject({ failedAttempts: 1, failingSince: maskline.clock.now().toISOString() });
    for (const [seconds, times] of [
      [4, 1],
      [2, 2],
      [4 * 60, 2],
      [2 * 60, 3],
      [29 * 60, 3],
      [5 * 60, 4],
    ] as const) {
      maskline.clock.push({ seconds });
      await deliver();
      expect([seconds, receiver.received.length]).toEqual([seconds, times]);
    }
    receiver.answer = 200;
    maskline.clock.push({ hours: 3 });
    await deliver();
    expect(receiver.events(secret).map(({ subject }) => subject)).toEqual([
      ...Array<string>(5).fill('repeated-1'),
      'repeated-2',
    ]);
    expect(new Set(receiver.ids.slice(0, 5)).size).toBe(1);
    expect(receiver.ids[5]).not.toBe(receiver.ids[0]);
    expect(await find(id)).toMatchObject({ failedAttempts: 0, failingSince: null, nextAttemptAt: null });
  });

  it('is not repeated before the receiver allows it', async () => {
    await add();
    await place('retry-after');
    receiver.answer = 429;
    receiver.headers = { 'retry-after': '600' };
    await deliver();
    maskline.clock.push({ seconds: 599 });
    await deliver();
    expect(receiver.received).toHaveLength(1);
    receiver.headers = { 'retry-after': new Date(Date.now() + 7_200_000).toUTCString() };
    maskline.clock.push({ seconds: 70 });
    await deliver();
    expect(receiver.received).toHaveLength(2);
    maskline.clock.push({ minutes: 119 });
    await deliver();
    expect(receiver.received).toHaveLength(2);
    maskline.clock.push({ minutes: 15 });
    await deliver();
    expect(receiver.received).toHaveLength(3);
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await WebhookReceiver.start();
    const { id } = await add();
    await place('redirected');
    receiver.answer = 307;
    receiver.headers = { location: elsewhere.url };
    await deliver();
    expect(elsewhere.received).toEqual([]);
    expect(await find(id)).toMatchObject({ failedAttempts: 1 });
    await elsewhere.stop();
  });

  it('ends with 410: the endpoint is disabled, which the feed and a metric tell', async () => {
    const { id } = await add();
    await place('gone');
    receiver.answer = 410;
    await deliver();
    expect(await find(id)).toMatchObject({ status: 'disabled', disabledBecause: 'gone' });
    expect((await fed('webhook.*')).at(-1)).toMatchObject({
      ...{ type: 'webhook.disabled', subject: id, data: { endpoint: id, because: 'gone' } },
    });
    expect((await fed('order.*')).some(({ type }) => type === 'webhook.disabled')).toBe(false);
    const { text } = await maskline.api('GET', '/metrics');
    expect(text).toContain('maskline_webhook_endpoints{state="gone"} 1');
    maskline.clock.push({ days: 2 });
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  it('ends after three days without success, and goes on when the endpoint is enabled again', async () => {
    const { id, secret } = await add();
    await place('failing');
    receiver.answer = 503;
    let hours = 0;
    for (; (await find(id)).status === 'enabled'; hours += 1) {
      await deliver();
      maskline.clock.push({ hours: 1 });
    }
    expect(hours).toBeGreaterThan(72);
    expect(hours).toBeLessThan(100);
    expect(receiver.received.length).toBeLessThanOrEqual(10);
    expect(await find(id)).toMatchObject({ disabledBecause: 'failing' });
    receiver.answer = 200;
    receiver.received.length = 0;
    await maskline.api('PATCH', `${PATH}/${id}`, { enabled: true });
    await deliver();
    expect(receiver.events(secret).map(({ type, subject }) => [type, subject])).toEqual([
      ['order.placed', 'failing'],
      ['webhook.disabled', id],
    ]);
  });

  it('leads to no private address, also if the endpoint was added when it was allowed', async () => {
    const { id } = await add();
    await place('private');
    const { database, clock } = maskline;
    const strict = await TestApp.start({ database, clock, webhookNetworks: [] });
    const strictly = strict.get(WebhookDeliveryService);
    for (const url of [receiver.url, receiver.url.replace('127.0.0.1', 'localhost')]) {
      await maskline.dataSource.query('UPDATE webhook_endpoints SET url = $1, next_attempt_at = $2', [
        url,
        clock.now(),
      ]);
      await strictly.begin();
      await strictly.settled();
    }
    expect(receiver.received).toEqual([]);
    const { body } = await strict.api('GET', `${PATH}/${id}/attempts`);
    expect(body.attempts).toMatchObject([
      { failure: 'the address is not public', status: null },
      { failure: 'the address is not public', status: null },
    ]);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '169.254.169.254']) {
      const { status, body: problem } = await strict.api('POST', PATH, { url: `http://${host}/hooks` });
      expect([host, status, problem.type]).toEqual([host, 422, '/problems/webhook-url-not-allowed']);
    }
    await strict.stop();
  });
});

describe('the operator of an endpoint', () => {
  it('sends a test event, and reads what came back; then waiting events follow at once', async () => {
    const { id, secret } = await add();
    await place('tested');
    receiver.answer = 500;
    receiver.body = `no such order, call +91 98765 01234 ${'x'.repeat(600)}`;
    await deliver();
    const failed = await maskline.api('POST', `${PATH}/${id}/test`);
    expect(failed).toMatchObject({ status: 200, body: { acknowledged: false, status: 500, type: 'webhook.test' } });
    expect(failed.body.response).toMatch(/^no such order, call ••• x+$/);
    await deliver();
    expect(receiver.received).toHaveLength(2);
    receiver.answer = 200;
    expect((await maskline.api('POST', `${PATH}/${id}/test`)).body).toMatchObject({ acknowledged: true, status: 200 });
    await deliver();
    expect(receiver.events(secret).map(({ type }) => type)).toEqual([
      ...['order.placed', 'webhook.test', 'webhook.test', 'order.placed'],
    ]);
  });

  it('reads the attempts page by page, newest first, for a week', async () => {
    const { id } = await add();
    for (const reference of ['page-1', 'page-2', 'page-3']) await place(reference);
    receiver.answer = 500;
    await deliver();
    receiver.answer = 201;
    maskline.clock.push({ seconds: 6 });
    await deliver();
    const first = (await maskline.api('GET', `${PATH}/${id}/attempts?limit=3`)).body;
    const second = (await maskline.api('GET', `${PATH}/${id}/attempts?limit=3&cursor=${first.nextCursor}`)).body;
    const all = [...first.attempts, ...second.attempts];
    expect(all.map(({ status, acknowledged }: Body) => [status, acknowledged])).toEqual([
      ...[201, 201, 201].map((status) => [status, true]),
      [500, false],
    ]);
    expect(all.map(({ webhookId }: Body) => webhookId).toReversed()).toEqual(receiver.ids);
    expect(second.nextCursor).toBeNull();
    maskline.clock.push({ days: 8 });
    expect(await delivery().deleteOldAttempts()).toBeGreaterThanOrEqual(4);
    expect((await maskline.api('GET', `${PATH}/${id}/attempts`)).body.attempts).toEqual([]);
  });

  it('rotates the secret: both sign for a while', async () => {
    const { id, secret } = await add();
    const { body } = await maskline.api('POST', `${PATH}/${id}/rotate-secret`, { overlapSeconds: 3_600 });
    expect(body.secret).not.toBe(secret);
    await place('rotated-1');
    await deliver();
    expect(receiver.events(secret)).toHaveLength(1);
    expect(receiver.events(body.secret)).toHaveLength(1);
    maskline.clock.push({ seconds: 3_601 });
    receiver.received.length = 0;
    await place('rotated-2');
    await deliver();
    expect(receiver.events(body.secret)).toHaveLength(1);
    expect(() => receiver.events(secret)).toThrow('No matching signature');
  });

  it('has the events since an instant sent again, with their ids', async () => {
    const { id } = await add();
    await place('replayed-1');
    maskline.clock.push({ minutes: 10 });
    const since = maskline.clock.now();
    for (const reference of ['replayed-2', 'replayed-3', 'replayed-4']) {
      await place(reference);
      maskline.clock.push({ minutes: 1 });
    }
    await deliver();
    const told = receiver.ids;
    expect(told).toHaveLength(4);
    const { status } = await maskline.api('POST', `${PATH}/${id}/replay`, { since: since.toISOString() });
    expect(status).toBe(202);
    await place('replayed-5');
    await deliver();
    expect(receiver.ids.slice(4)).toEqual([...told.slice(1), expect.stringMatching(/^event-/)]);
  });

  it('leaves out events that wait, by a replay since now', async () => {
    const { id, secret } = await add();
    await place('left-out');
    receiver.answer = 422;
    await deliver();
    maskline.clock.push({ minutes: 1 });
    await maskline.api('POST', `${PATH}/${id}/replay`, { since: maskline.clock.now().toISOString() });
    receiver.answer = 200;
    await place('goes-on');
    await deliver();
    expect(receiver.events(secret).map(({ subject }) => subject)).toEqual(['left-out', 'goes-on']);
  });

  it('changes the URL while an event is being sent: the event goes to the new one too', async () => {
    const { id } = await add();
    const other = await WebhookReceiver.start();
    receiver.answer = 'later';
    for (const reference of ['moved-1', 'moved-2']) await place(reference);
    await begin();
    await eventually(() => receiver.received.length === 1);
    await maskline.api('PATCH', `${PATH}/${id}`, { url: other.url });
    receiver.release();
    await delivery().settled();
    expect(receiver.received).toHaveLength(1);
    await deliver();
    expect(other.ids).toHaveLength(2);
    expect(other.ids[0]).toBe(receiver.ids[0]);
    await other.stop();
  });
});

describe('the feed', () => {
  it('has the types that are asked for, and says from where to go on', async () => {
    const reference = `typed-${randomUUID()}`;
    await place(reference);
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
    const cancelled = await fed('order.cancelled');
    expect(cancelled.at(-1)).toMatchObject({ type: 'order.cancelled', subject: reference });
    expect(new Set(cancelled.map(({ type }) => type))).toEqual(new Set(['order.cancelled']));
    await place(`${reference}-later`);
    const { body } = await maskline.api('GET', `/v1/order-events?types=order.completed&after=${cancelled.at(-1)!.id}`);
    expect(body.events).toEqual([]);
    expect(Number(body.next)).toBeGreaterThan(Number(cancelled.at(-1)!.id));
    expect((await maskline.api('GET', '/v1/order-events?types=order.exploded')).status).toBe(400);
    const all = await fed('*');
    expect(all.map(({ id }) => Number(id))).toEqual(all.map(({ id }) => Number(id)).toSorted((a, b) => a - b));
    expect(all.some(({ type }) => type === 'webhook.disabled')).toBe(true);
  });
});
