import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Webhook } from 'standardwebhooks';

import { EVENT_TYPES } from '../../../src/orders/feed/event-types.js';
import { OrderEventDeliveryService } from '../../../src/orders/feed/order-event-delivery.service.js';
import { BEGINNING, OrderEventFeedService } from '../../../src/orders/feed/order-event-feed.service.js';
import type { PlacedEvent } from '../../../src/orders/feed/order-event-feed.queries.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

/** An order system that notes what it is told, and answers as it is told to. */
class OrderSystem {
  readonly told: { headers: IncomingHttpHeaders; body: string }[] = [];
  answer: number | 'nothing' = 204;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OrderSystem> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        system.told.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        if (system.answer === 'nothing') request.socket.destroy();
        else response.writeHead(system.answer).end();
      });
    });
    const system = new OrderSystem(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/maskline`;
  }

  /** Subject and type of every event of these requests, in the order in which they came. */
  events(from = 0): [string, string][] {
    return this.told.slice(from).flatMap(({ body }) => {
      const batch = JSON.parse(body) as { subject: string; type: string }[];
      return batch.map(({ subject, type }): [string, string] => [subject, type]);
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

let system: OrderSystem;
let maskline: TestApp;
beforeAll(async () => {
  system = await OrderSystem.start();
  maskline = await TestApp.start({ orderEvents: { url: system.url, secret: SECRET, authorization: 'Basic eDp5' } });
});
afterAll(async () => {
  await maskline.stop();
  await system.stop();
});
beforeEach(() => {
  system.answer = 204;
  system.told.length = 0;
});

const deliver = () => maskline.get(OrderEventDeliveryService).deliver();
const feed = () => maskline.get(OrderEventFeedService);
const kinds = (events: readonly PlacedEvent[], reference: string) =>
  events.filter((event) => event.reference === reference).map(({ kind }) => kind);

describe('the feed of all orders', () => {
  it('tells what happened, in order, from any of its places', async () => {
    const pool = await maskline.pool({ graceSeconds: 0 }, numbers(4));
    await maskline.order('feed-1', aPhone(), aPhone(), { pool });
    await maskline.order('feed-2', aPhone(), undefined, { pool });
    await maskline.api('POST', '/v1/orders/feed-1/complete');

    const first = await maskline.api('GET', '/v1/order-events?limit=2');
    expect(first.body.events.map(({ subject, type }: { subject: string; type: string }) => [subject, type])).toEqual([
      ['feed-1', 'order.placed'],
      ['feed-1', 'order.agent-assigned'],
    ]);
    const second = await maskline.api('GET', `/v1/order-events?after=${first.body.next}`);
    expect(second.body.events).toMatchObject([
      {
        specversion: '1.0',
        source: 'maskline',
        subject: 'feed-2',
        type: 'order.placed',
        data: { reference: 'feed-2' },
      },
      { subject: 'feed-1', type: 'order.completed', time: maskline.clock.now().toISOString() },
    ]);
    const end = await maskline.api('GET', `/v1/order-events?after=${second.body.next}`);
    expect(end.body).toEqual({ events: [], next: second.body.next });
  });

  it('never puts an event before one that was read, be it drawn earlier and committed later', async () => {
    const pool = await maskline.pool({}, []);
    await maskline.order('early', aPhone(), undefined, { pool });
    const slow = maskline.dataSource.createQueryRunner();
    await slow.startTransaction();
    await slow.query(
      `INSERT INTO order_events (order_id, kind, at) SELECT id, 'order.reopened', now() FROM orders WHERE reference = 'early'`,
    );
    await maskline.order('late', aPhone(), undefined, { pool });
    const before = await feed().after(BEGINNING, 1_000);
    expect(kinds(before, 'late')).toEqual(['order.placed']);
    expect(kinds(before, 'early')).toEqual(['order.placed']);
    await slow.commitTransaction();
    await slow.release();
    const behind = await feed().after(before.at(-1)!.position, 1_000);
    expect(behind.map(({ reference, kind }) => [reference, kind])).toEqual([['early', 'order.reopened']]);
  });

  it('has each event once, and no place twice, whoever reads while others write', async () => {
    const pool = await maskline.pool({}, []);
    const start = (await feed().after(BEGINNING, 10_000)).at(-1)!.position;
    const seen: string[] = [];
    let writing = true;
    const readers = [1, 2, 3].map(async () => {
      let position = start;
      const mine: string[] = [];
      for (let last = false; !last;) {
        last = !writing;
        for (const event of await feed().after(position, 7)) {
          mine.push(event.reference);
          position = event.position;
          last = false;
        }
      }
      seen.push(mine.join());
    });
    const references = Array.from({ length: 60 }, (_, index) => `crowd-${index}`);
    await Promise.all(references.map((reference) => maskline.order(reference, aPhone(), undefined, { pool })));
    writing = false;
    await Promise.all(readers);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]!.split(',').sort()).toEqual([...references].sort());
  });

  it('refuses a place that is none', async () => {
    expect((await maskline.api('GET', '/v1/order-events?after=yesterday')).text).toContain('after must be');
  });
});

it('every kind of event is explained to those who follow them, and in the OpenAPI document', async () => {
  const explained = await readFile('docs/events.md', 'utf8');
  const { text } = await maskline.request('GET', '/docs-json', {});
  for (const kind of EVENT_TYPES) {
    expect(explained).toMatch(new RegExp(`^\\| \`${kind}\` \\| \\S`, 'm'));
    expect(text).toContain(`"${kind}"`);
  }
});

describe('the webhook of the order system', () => {
  it('begins with what happens from then on, signed so that any Standard Webhooks library can tell', async () => {
    const pool = await maskline.pool({}, numbers(2));
    await maskline.order('before', aPhone(), undefined, { pool });
    expect(await deliver()).toBe(0);
    await maskline.order('told', aPhone(), aPhone(), { pool });
    expect(await deliver()).toBe(2);
    expect(system.events()).toEqual([
      ['told', 'order.placed'],
      ['told', 'order.agent-assigned'],
    ]);
    const [{ headers, body }] = system.told as [OrderSystem['told'][number]];
    expect(headers['content-type']).toBe('application/cloudevents-batch+json');
    expect(headers.authorization).toBe('Basic eDp5');
    const verify = (payload: string) => new Webhook(SECRET).verify(payload, headers as Record<string, string>);
    expect(verify(body)).toHaveLength(2);
    expect(() => verify(body.replace('told', 'sold'))).toThrow();
    expect(await deliver()).toBe(0);
    expect(system.told).toHaveLength(1);
  });

  it.each([
    ['refuses', 503],
    ['redirects', 302],
    ['hangs up', 'nothing'],
  ] as const)(
    'that %s is told the same again, later and later, and then all that came meanwhile',
    async (_, answer) => {
      const pool = await maskline.pool({}, []);
      const [first, second] = [`${answer}-1`, `${answer}-2`];
      await maskline.order(first, aPhone(), undefined, { pool });
      system.answer = answer;
      expect(await deliver()).toBe(0);
      expect(await deliver()).toBe(0);
      expect(system.told).toHaveLength(1); // not asked again at once
      maskline.clock.push({ seconds: 2 });
      await deliver();
      expect(system.told).toHaveLength(2);
      maskline.clock.push({ seconds: 1 });
      await deliver();
      expect(system.told).toHaveLength(2); // the second time it waits longer
      await maskline.order(second, aPhone(), undefined, { pool });
      system.answer = 200;
      maskline.clock.push({ seconds: 3 });
      expect(await deliver()).toBe(2);
      expect(system.events(2)).toEqual([
        [first, 'order.placed'],
        [second, 'order.placed'],
      ]);
    },
  );

  it('is sent an unacknowledged batch again with the same id and events, whatever happened meanwhile', async () => {
    const pool = await maskline.pool({}, []);
    await maskline.order('retried-1', aPhone(), undefined, { pool });
    await maskline.order('retried-2', aPhone(), undefined, { pool });
    system.answer = 'nothing';
    await deliver();
    await maskline.order('retried-3', aPhone(), undefined, { pool });
    maskline.clock.push({ seconds: 2 });
    await deliver();
    system.answer = 200;
    maskline.clock.push({ seconds: 4 });
    expect(await deliver()).toBe(3);
    const [first, second, third, next] = system.told.map(({ headers, body }) => [headers['webhook-id'], body]);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(next![0]).not.toBe(first![0]);
    expect(system.events(3)).toEqual([['retried-3', 'order.placed']]);
    expect(system.told).toHaveLength(4);
  });

  it('is sent the same batch again by whoever takes over from a process that died over it', async () => {
    const pool = await maskline.pool({}, []);
    await maskline.order('died-1', aPhone(), undefined, { pool });
    system.answer = 'nothing';
    await deliver();
    // As if it had died before the answer came: the turn lasts on, and no attempt is counted.
    await maskline.dataSource.query('UPDATE order_event_deliveries SET attempts = 0');
    await maskline.order('died-2', aPhone(), undefined, { pool });
    system.answer = 200;
    maskline.clock.push({ seconds: 31 });
    expect(await deliver()).toBe(2);
    const ids = system.told.map(({ headers }) => headers['webhook-id']);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(2);
  });

  it('is told by one at a time, each event once, in batches', async () => {
    const pool = await maskline.pool({}, []);
    await maskline.order('many', aPhone(), undefined, { pool });
    await deliver();
    system.told.length = 0;
    await maskline.dataSource.query(
      `INSERT INTO order_events (order_id, kind, at)
       SELECT orders.id, 'order.reopened', now() FROM orders, generate_series(1, 230) WHERE orders.reference = 'many'`,
    );
    const delivered = await Promise.all([deliver(), deliver(), deliver()]);
    expect(delivered.reduce((sum, count) => sum + count)).toBe(230);
    const ids = system.told.flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => Number(id)));
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect(ids).toHaveLength(230);
    expect(system.told).toHaveLength(3);
  });

  it('is told by another when the one whose turn it was died over it', async () => {
    const pool = await maskline.pool({}, []);
    await maskline.order('orphan', aPhone(), undefined, { pool });
    await maskline.dataSource.query('UPDATE order_event_deliveries SET next_attempt_at = $1', [
      new Date(maskline.clock.now().getTime() + 30_000),
    ]);
    expect(await deliver()).toBe(0);
    maskline.clock.push({ seconds: 31 });
    expect(await deliver()).toBe(1);
    expect(system.events()).toEqual([['orphan', 'order.placed']]);
  });
});
