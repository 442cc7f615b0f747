import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { OrderEventFeedService } from '../../../src/orders/feed/order-event-feed.service.js';
import { MOST_STREAMS_OF_A_KEY } from '../../../src/orders/stream/change-streams.service.js';
import { MOST_REMEMBERED } from '../../../src/orders/stream/recent-changes.js';
import { InteractionEvents } from '../../../src/telephony/announcements/interaction-events.service.js';
import { API_KEY, aPhone, numbers, TestApp } from '../../support/app.js';
import { DatabaseLine } from '../../support/database-line.js';
import { eventually } from '../../support/eventually.js';
import { StreamReader, type StreamMessage } from '../../support/stream-reader.js';

/** For everything that takes a second or two, on a machine that does something else, too. */
const LONG_MS = 60_000;
vi.setConfig({ testTimeout: 120_000 });

const EVERYTHING = { authorization: `Bearer ${API_KEY}` };

let app: TestApp;
/** A second process of the same installation. */
let other: TestApp;
let line: DatabaseLine;
const readers: StreamReader[] = [];

beforeAll(async () => {
  app = await TestApp.start();
  line = await DatabaseLine.to(app.database.url);
  other = await TestApp.start({ database: { ...app.database, url: line.url }, clock: app.clock });
});
afterAll(async () => {
  await other?.stop();
  line?.close();
  await app?.stop();
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

type Options = Parameters<typeof StreamReader.open>[1];

async function open(options: Partial<Options> = {}, ...apps: TestApp[]): Promise<StreamReader> {
  const urls = (apps.length === 0 ? [app] : apps).map(({ url }) => url);
  const reader = await StreamReader.open(urls, { headers: EVERYTHING, ...options });
  readers.push(reader);
  return reader;
}

async function aKey(scopes: readonly string[], pools?: readonly string[]): Promise<{ id: string; key: string }> {
  return (await app.api('POST', '/v1/keys', { name: 'of a test', scopes, ...(pools && { pools }) })).body;
}

/** The header of a new key. */
async function as(scopes: readonly string[], pools?: readonly string[]): Promise<Record<string, string>> {
  return { authorization: `Bearer ${(await aKey(scopes, pools)).key}` };
}

const announce = () => app.get(InteractionEvents).announce();
const gets = (reader: StreamReader, type: string, subject: string) =>
  eventually(() => reader.told().some((told) => told[0] === type && told[1] === subject), LONG_MS);
const about = (reader: StreamReader, subject: string) =>
  reader.messages.filter((message) => message.subject === subject).map(({ type }) => type);

describe('a stream', () => {
  it('tells what happens to orders and their calls, without phones and numbers, in the form of the feed', async () => {
    const pool = await app.pool({}, numbers(2));
    const reader = await open();
    const [customer, agent] = [aPhone(), aPhone()];
    const { customer: side } = await app.order('told-1', customer, agent, { pool });
    await gets(reader, 'order.agent-assigned', 'told-1');
    await app.call(customer, side.dials);
    await announce();
    await gets(reader, 'call.decided', 'told-1');
    expect(about(reader, 'told-1')).toEqual(['order.placed', 'order.agent-assigned', 'call.decided']);
    const { body } = await app.api('GET', `/v1/order-events?types=*&after=${Number(reader.messages[0]!.id) - 1}`);
    const inFeed = (body.events as StreamMessage[]).filter(({ subject }) => subject === 'told-1');
    expect(reader.messages.filter(({ subject }) => subject === 'told-1')).toEqual(inFeed);
    for (const hidden of [customer, agent, side.dials]) expect(reader.text).not.toContain(hidden.slice(3));
    expect(reader.response!.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    expect(reader.text).toMatch(/^retry: \d+\nid: \d+\n\n/);
  });

  it('tells of a pool whose policy or level changes', async () => {
    const pool = await app.pool();
    const reader = await open({ path: '/v1/stream?types=pool.changed' });
    const told = () => about(reader, pool).length;
    await eventually(() => told() > 0, LONG_MS); // it was opened shortly before
    const before = told();
    await app.api('PATCH', `/v1/pools/${pool}`, { capacity: 77 });
    await eventually(() => told() > before, LONG_MS);
    const between = told();
    await app.api('POST', '/v1/numbers/import', { pool, numbers: numbers(1).map((number) => ({ number })) });
    await eventually(() => told() > between, LONG_MS);
    expect(reader.messages.at(-1)).toMatchObject({ type: 'pool.changed', subject: pool, data: { pool } });
    expect(new Set(reader.types())).toEqual(new Set(['pool.changed']));
  });

  it('shows each key what its scopes allow', async () => {
    const readersOf = new Map<string, StreamReader>();
    for (const scope of ['orders:read', 'support', 'operate', 'events']) {
      readersOf.set(scope, await open({ headers: await as([scope, 'metrics']) }));
    }
    for (const scope of ['orders:write', 'metrics', 'audit', 'keys']) {
      const { status, body } = await StreamReader.refused(app.url, { headers: await as([scope]) });
      expect([scope, status, body.type]).toEqual([scope, 403, '/problems/missing-scope']);
    }
    const pool = await app.pool({}, numbers(2));
    const customer = aPhone();
    const { customer: side } = await app.order('scoped', customer, aPhone(), { pool });
    await app.call(customer, side.dials);
    await announce();
    await gets(readersOf.get('operate')!, 'pool.changed', pool);
    for (const scope of ['orders:read', 'support', 'events'])
      await gets(readersOf.get(scope)!, 'call.decided', 'scoped');
    const groups = (scope: string) => {
      const types = readersOf.get(scope)!.types();
      return [...new Set(types.map((type) => type.split('.')[0]))].toSorted();
    };
    expect(groups('orders:read')).toEqual(['call', 'order']);
    expect(groups('events')).toEqual(['call', 'order']);
    expect(groups('support')).toEqual(['call']);
    expect(groups('operate')).toEqual(['pool']);
  });

  it('shows a key that is limited to pools only these, also when an order has moved to its month', async () => {
    const [east, west] = [await app.pool({ quarantineSeconds: 0 }, numbers(2)), await app.pool({}, numbers(2))];
    const limited = await open({ headers: await as(['orders:read', 'support', 'operate'], [east]) });
    const [inEast, inWest] = [aPhone(), aPhone()];
    const own = await app.order('in-east', inEast, aPhone(), { pool: east });
    const others = await app.order('in-west', inWest, aPhone(), { pool: west });
    await app.call(inWest, others.customer.dials);
    await app.call(aPhone(), own.customer.dials); // a stranger: no order is known if the number serves several
    await app.call(inEast, own.customer.dials);
    await announce();
    await gets(limited, 'call.decided', 'in-east');
    await gets(limited, 'pool.changed', east);
    const visible = new Set(limited.messages.map(({ subject }) => subject));
    expect([...visible].toSorted()).toEqual(['in-east', east].toSorted());
    expect(limited.text).not.toContain('in-west');
    expect(limited.text).not.toContain(west);

    await app.order('was-in-east', aPhone(), undefined, { pool: east });
    await app.api('POST', '/v1/orders/was-in-east/complete');
    await app.pass({ hours: 1 });
    await app.pass({ hours: 25 });
    app.clock.push({ minutes: 2 });
    await app.get(EndedOrdersService).moveWhatIsOver();
    expect(await app.count('ended_orders', `reference = 'was-in-east'`)).toBe(1);
    // A process that has not read these events while the order was live.
    const late = await TestApp.start({ database: app.database, clock: app.clock });
    const resumed = await open({ headers: await as(['orders:read'], [east]), lastEventId: '0' }, late);
    await gets(resumed, 'order.completed', 'was-in-east');
    expect(about(resumed, 'in-east')).toContain('call.decided');
    expect(resumed.text).not.toContain('in-west');
    await late.stop();
  });

  it('leaves out the types that were not asked for, and refuses types and places that do not exist', async () => {
    const reader = await open({ path: '/v1/stream?types=order.completed,order.cancelled' });
    await app.order('typed', aPhone(), undefined, { pool: await app.pool() });
    await app.api('POST', '/v1/orders/typed/cancel');
    await gets(reader, 'order.cancelled', 'typed');
    expect(reader.types()).toEqual(['order.cancelled']);
    for (const refused of [
      { path: '/v1/stream?types=order.lost' },
      { lastEventId: 'event-17' },
      { lastEventId: '-1' },
    ]) {
      const { status, body } = await StreamReader.refused(app.url, { headers: EVERYTHING, ...refused });
      expect([refused, status, body.type]).toEqual([refused, 400, '/problems/invalid-request']);
    }
  });

  it('is not opened by HEAD', async () => {
    const response = await fetch(`${app.url}/v1/stream`, { method: 'HEAD', headers: EVERYTHING });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    await eventually(async () => (await openStreams()) === 0, LONG_MS);
  });
});

async function openStreams(): Promise<number> {
  const { text } = await app.api('GET', '/metrics');
  return Number(/^maskline_streams_open (\d+)$/m.exec(text)![1]);
}

describe('a stream that breaks off', () => {
  it('goes on at any process without a gap and without a repetition', async () => {
    const pool = await app.pool();
    const headers = await as(['orders:read']);
    const reader = await open({ headers, reconnects: true }, app, other);
    const from = reader.messages.length;
    let isPlacing = true;
    const breaking = (async () => {
      for (let count = 1; isPlacing; count += 1) {
        await eventually(() => reader.connections > count || !isPlacing || reader.text.length > 0, LONG_MS);
        reader.disconnect();
        await eventually(() => reader.connections > count || !isPlacing, LONG_MS);
      }
    })();
    const references = Array.from({ length: 120 }, (_, index) => `broken-${index}`);
    for (const reference of references) await app.order(reference, aPhone(), undefined, { pool });
    isPlacing = false;
    await breaking;
    await gets(reader, 'order.placed', references.at(-1)!);
    expect(reader.connections).toBeGreaterThan(5);
    const told = reader.messages.slice(from).filter(({ subject }) => subject.startsWith('broken-'));
    expect(told.map(({ subject }) => subject)).toEqual(references);
    expect(reader.types()).not.toContain('stream.reset');
  });

  it('ends when the process stops, and goes on at another one', async () => {
    const pool = await app.pool();
    const second = await TestApp.start({ database: app.database, clock: app.clock });
    const reader = await open({ reconnects: true, path: '/v1/stream?types=order.*' }, second, app);
    await app.order('before-stop', aPhone(), undefined, { pool });
    await gets(reader, 'order.placed', 'before-stop');
    await second.stop();
    await app.order('after-stop', aPhone(), undefined, { pool });
    await gets(reader, 'order.placed', 'after-stop');
    expect(reader.types()).not.toContain('stream.reset');
    expect(new Set(reader.messages.map(({ id }) => id)).size).toBe(reader.messages.length);
  });

  it('outlives an outage of the database, and tells then what happened elsewhere meanwhile', async () => {
    const pool = await app.pool();
    const reader = await open({ path: '/v1/stream?types=order.*' }, other);
    await line.refuse();
    try {
      await eventually(async () => (await fetch(`${other.url}/health/ready`)).status === 503, LONG_MS);
      const refused = await StreamReader.refused(other.url, { headers: EVERYTHING });
      expect([refused.status, refused.body.type]).toEqual([503, '/problems/database-unavailable']);
      await app.order('during-outage', aPhone(), undefined, { pool });
      expect(reader.hasEnded).toBe(false);
    } finally {
      await line.accept();
    }
    await gets(reader, 'order.placed', 'during-outage');
    expect([reader.hasEnded, reader.connections]).toEqual([false, 1]);
  });
});

describe('whoever may not see changes any more', () => {
  it('is not told of them once a key is revoked, or a session has ended', async () => {
    const { id, key } = await aKey(['orders:read', 'support']);
    const headers = { authorization: `Bearer ${key}` };
    const signedIn = await fetch(`${app.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: API_KEY }),
    });
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    const [withKey, withSession, stays] = [
      await open({ headers }, other), // where the key is not revoked
      await open({ headers: { cookie } }, other),
      await open({}, other),
    ];
    await app.api('DELETE', `/v1/keys/${id}`);
    await app.request('DELETE', '/v1/session', { cookie, 'sec-fetch-site': 'same-origin' });
    await eventually(() => withKey.hasEnded && withSession.hasEnded, LONG_MS);
    expect((await StreamReader.refused(other.url, { headers })).status).toBe(401);
    expect((await StreamReader.refused(other.url, { headers: { cookie } })).status).toBe(401);
    expect(stays.hasEnded).toBe(false);
  });
});

describe('what streams cost', () => {
  it('is limited: a key opens only so many, and leaves room for others', async () => {
    const headers = await as(['orders:read']);
    const opened = await Promise.all(Array.from({ length: MOST_STREAMS_OF_A_KEY }, async () => open({ headers })));
    const { status, body, headers: answered } = await StreamReader.refused(app.url, { headers });
    expect([status, body.type]).toEqual([503, '/problems/stream-unavailable']);
    expect(Number(answered.get('retry-after'))).toBeGreaterThan(0);
    await open();
    expect(await openStreams()).toBe(MOST_STREAMS_OF_A_KEY + 1);
    opened[0]!.close();
    await eventually(async () => (await openStreams()) === MOST_STREAMS_OF_A_KEY, LONG_MS);
    await open({ headers });
  });

  it('does not grow with a client that does not read: it is told that something is missing', async () => {
    const [slow, behind] = [await open(), await open()];
    await app.order('before-the-flood', aPhone(), undefined, { pool: await app.pool() });
    for (const reader of [slow, behind]) await gets(reader, 'order.placed', 'before-the-flood');
    slow.response!.pause();
    await eventually(() => behind.lastEventId !== null, LONG_MS);
    const { lastEventId } = behind;
    behind.close();
    // First more than the buffers of both ends of a connection take, so that the slow one's place is among the first
    // thousand. Then more than is remembered.
    const padding = 'x'.repeat(40_000);
    for (let batch = 0; batch < MOST_REMEMBERED / 1_000 + 1; batch += 1) {
      const events = Array.from({ length: 1_000 }, (_, index) => ({
        type: 'call.decided' as const,
        subject: `call-${batch * 1_000 + index}`,
        at: app.clock.now(),
        data: { reference: 'nowhere', ...(batch === 0 && { padding }) },
      }));
      await app.dataSource.transaction((tx) => app.get(OrderEventFeedService).append(tx, events));
    }
    const fast = await open();
    await app.order('after-the-flood', aPhone(), undefined, { pool: await app.pool() });
    await gets(fast, 'order.placed', 'after-the-flood');
    slow.response!.resume();
    await eventually(() => slow.types().includes('stream.reset'), LONG_MS);
    await app.order('after-the-reset', aPhone(), undefined, { pool: await app.pool() });
    await gets(slow, 'order.placed', 'after-the-reset');
    const reset = slow.types().indexOf('stream.reset');
    expect(reset).toBeGreaterThan(0);
    expect(slow.types().slice(0, reset).length).toBeLessThan(MOST_REMEMBERED);
    expect(slow.messages[reset]!.id).toMatch(/^\d+$/);

    const late = await open({ lastEventId: lastEventId! });
    const ahead = await open({ lastEventId: '999999999999' });
    for (const reader of [late, ahead]) {
      await eventually(() => reader.messages.length > 0, LONG_MS);
      expect(reader.types()[0]).toBe('stream.reset');
    }
  });
});
