import { randomBytes, randomInt } from 'node:crypto';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';

import { OrderEventFeedService } from '../src/orders/feed/order-event-feed.service.js';
import { OrderIntakeService } from '../src/orders/intake/order-intake.service.js';
import { OrdersDueService } from '../src/orders/lifecycle/orders-due.service.js';
import { placeCursor } from '../src/platform/http/cursor-page.js';
import { startApplication } from './application.js';
import { serveParent } from './child.js';
import type { Doing, EndedOrdersEnvironment, Work } from './ended-orders-works.js';
import { figuresOf } from './latencies.js';
import { activeOrders, API_KEY, callOf, HOOK_SECRET, newAgentPhone, placedReference, type WorldSize } from './world.js';

const KEY = { authorization: `Bearer ${API_KEY}` };
const HALF_AN_HOUR_MS = 30 * 60_000;
const EVENTS_A_DELIVERY = 100;

/** The application, which sends itself requests. Answers how long they took. */
await serveParent<EndedOrdersEnvironment, Doing>(async ({ size, ...environment }) => {
  const app = await startApplication(environment);
  await app.init();
  const measured = await worksOf(app, size, await deepCursor(environment.databaseUrl));
  return {
    ready: {},
    answer: async ({ work, times, from }) => {
      const latenciesMs: number[] = [];
      const begunAt = performance.now();
      for (let done = 0; done < times; done += 1) {
        const sentAt = performance.now();
        await measured[work](from + done);
        latenciesMs.push(performance.now() - sentAt);
      }
      return figuresOf(latenciesMs, (performance.now() - begunAt) / 1000);
    },
    close: () => app.close(),
  };
});

async function worksOf(
  app: NestFastifyApplication,
  size: WorldSize,
  deep: string,
): Promise<Readonly<Record<Work, (which: number) => Promise<void>>>> {
  const send = async (method: 'GET' | 'PUT' | 'POST', url: string, payload?: object): Promise<void> => {
    const { statusCode, body } = await app.inject({ method, url, headers: KEY, ...(payload ? { payload } : {}) });
    if (statusCode !== 200) throw new Error(`${method} ${url}: ${statusCode} ${body}`);
  };
  const aCall = () => callOf(size, randomInt(activeOrders(size)), Math.random() < 0.5);
  const halfAnHourAgo = () => new Date(Date.now() - HALF_AN_HOUR_MS).toISOString();
  const explain = (at?: string) => {
    const { caller, dials } = aCall();
    return send('POST', '/v1/routing/explain', { from: caller, to: dials, ...(at === undefined ? {} : { at }) });
  };
  const get = <T>(service: abstract new (...args: never[]) => T) => app.get<T>(service as never, { strict: false });
  const [due, intake, feed] = [get(OrdersDueService), get(OrderIntakeService), get(OrderEventFeedService)];
  let delivered = await feed.placeAll();
  return {
    'a decision': () => {
      const { caller, dials } = aCall();
      const [from, to] = [`0${caller.slice(3)}`, `0${dials.slice(3)}`];
      const query = `CallSid=${randomBytes(16).toString('hex')}&CallFrom=${from}&CallTo=${to}&From=${from}&To=${to}`;
      return send('GET', `/hooks/exotel/${HOOK_SECRET}/connect?${query}&Direction=incoming&CallType=call-attempt`);
    },
    'an assignment': (which) => {
      const agent = { phone: newAgentPhone(which) };
      return send('PUT', `/v1/orders/${placedReference(size, 'exclusive', which)}/agent`, agent);
    },
    'orders, first page': () => send('GET', '/v1/orders?limit=50'),
    'orders, deep page': () => send('GET', `/v1/orders?limit=50&cursor=${deep}`),
    'orders that are closing': () => send('GET', '/v1/orders?limit=50&status=closing'),
    'an order': () => send('GET', `/v1/orders/${1_000_000_000 + randomInt(activeOrders(size))}`),
    'explained, now': () => explain(),
    'explained, half an hour ago': () => explain(halfAnHourAgo()),
    'served, half an hour ago': () => send('GET', `/v1/numbers/${aCall().dials}/served?at=${halfAnHourAgo()}`),
    'the jobs of every second': async () => {
      await due.endWhatIsDue();
      await intake.applyStored();
      delivered = (await feed.after(delivered, EVENTS_A_DELIVERY)).at(-1)?.position ?? delivered;
    },
  };
}

/** A page in the middle of all orders. Finding it takes longer than the application lets a statement take. */
async function deepCursor(databaseUrl: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ at: Date; id: string }>(
      `SELECT placed_at AS at, id FROM all_orders ORDER BY placed_at DESC, id DESC
       OFFSET (SELECT count(*) / 2 FROM all_orders) LIMIT 1`,
    );
    return placeCursor(rows[0]!);
  } finally {
    await client.end();
  }
}
