import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import { CLOUD_EVENTS_BATCH } from '../src/orders/intake/event-message.js';
import type { AppReady, Memory } from './app-process.js';
import { figuresOf, type Figures } from './latencies.js';
import type { Results } from './report.js';
import type { Stage } from './stage.js';
import { API_KEY, newAgentPhone, newCustomerPhone, POOLS } from './world.js';

const EVENTS_A_REQUEST = 1_000;
const CONNECTIONS = 2;
const LOOK_EVERY_MS = 50;

/** Measures incoming events in bulk: received by a process with ROLE=api, and applied by one with ROLE=worker. */
export async function events(stage: Stage): Promise<Pick<Results, 'contests'>> {
  const [api, { port }] = await stage.start<AppReady, object, Memory>(
    './app-process.js',
    stage.appEnvironment('events-api'),
  );
  const [worker] = await stage.start<AppReady, object, Memory>(
    './app-process.js',
    stage.appEnvironment('events-worker', 'worker'),
  );
  const rounds: { stored: Figures; applied: Figures }[] = [];
  for (let round = 0; round < stage.plan.rounds; round += 1) {
    stage.progress.show('events', round, stage.plan.rounds);
    rounds.push(await bringEvents(stage, port, `alone-${round}`, round));
  }
  for (const child of [api, worker]) await child.stop();
  const work = `Events of orders placed, assigned and completed, ${EVENTS_A_REQUEST} a request`;
  return {
    contests: [
      {
        work: `${work}: answered 202`,
        contestants: [{ name: 'the app, POST /v1/events', rounds: rounds.map(({ stored }) => stored) }],
      },
      {
        work: `${work}: applied`,
        contestants: [{ name: 'a worker, from the first request on', rounds: rounds.map(({ applied }) => applied) }],
      },
    ],
  };
}

/**
 * Sends events of new orders, and waits until workers have applied them.
 *
 * @param name of the round, unique
 * @param round draws the phones
 */
export async function bringEvents(
  { databaseUrl, plan }: Stage,
  port: number,
  name: string,
  round: number,
): Promise<{ stored: Figures; applied: Figures }> {
  const all = ordersOf(name, round, plan.ordersByEvents);
  const before = await countApplied(databaseUrl);
  const requests = Array.from({ length: Math.ceil(all.length / EVENTS_A_REQUEST) }, (_, index) =>
    JSON.stringify(all.slice(index * EVENTS_A_REQUEST, (index + 1) * EVENTS_A_REQUEST)),
  );
  const latenciesMs: number[] = [];
  const begunAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let request = requests[next++]; request; request = requests[next++]) {
        const sentAt = performance.now();
        await post(port, request);
        latenciesMs.push(performance.now() - sentAt);
      }
    }),
  );
  const storedAfter = (performance.now() - begunAt) / 1000;
  await everythingIsApplied(databaseUrl);
  const appliedAfter = (performance.now() - begunAt) / 1000;
  const applied = (await countApplied(databaseUrl)) - before;
  if (applied !== all.length) throw new Error(`${applied} events were applied instead of ${all.length}.`);
  return {
    stored: { ...figuresOf(latenciesMs, storedAfter), perSecond: all.length / storedAfter },
    applied: { perSecond: all.length / appliedAfter, p50Ms: NaN, p99Ms: NaN },
  };
}

/** In the order in which they happen: all orders are placed, then all get an agent, then all are completed. */
function ordersOf(name: string, round: number, orders: number): object[] {
  const begunAt = Date.now() - 60 * 60 * 1000;
  const event = (index: number, type: string, data: object) => ({
    specversion: '1.0',
    source: '/bench',
    id: `${type}-${name}-${index}`,
    type,
    time: new Date(begunAt + index).toISOString(),
    data: { reference: `by-event-${name}-${index}`, ...data },
  });
  const each = (one: (index: number, phone: number) => object) =>
    Array.from({ length: orders }, (_, index) => one(index, round * orders + index));
  const pool = POOLS.exclusive.name;
  return [
    ...each((index, phone) => event(index, 'order.placed', { pool, customer: { phone: newCustomerPhone(phone) } })),
    ...each((index, phone) => event(index, 'order.agent-assigned', { agent: { phone: newAgentPhone(phone) } })),
    ...each((index) => event(index, 'order.completed', {})),
  ];
}

async function post(port: number, body: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': CLOUD_EVENTS_BATCH, authorization: `Bearer ${API_KEY}` },
    body,
  });
  if (response.status !== 202) throw new Error(`A batch was answered ${response.status}: ${await response.text()}`);
}

async function everythingIsApplied(databaseUrl: string): Promise<void> {
  await asking(databaseUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ waiting: boolean }>(
        `SELECT EXISTS (SELECT FROM incoming_events AS event WHERE event.status = 'stored') AS waiting`,
      );
      if (!rows[0]!.waiting) break;
      await sleep(LOOK_EVERY_MS);
    }
  });
}

async function countApplied(databaseUrl: string): Promise<number> {
  return asking(databaseUrl, async (client) => {
    const { rows } = await client.query<{ applied: number }>(
      `SELECT count(*)::integer AS applied FROM incoming_events AS event WHERE event.status = 'applied'`,
    );
    return rows[0]!.applied;
  });
}

async function asking<T>(databaseUrl: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  return ask(client).finally(() => client.end());
}
