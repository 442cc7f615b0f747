import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import { ExpensiveWork, SHARED_STATEMENTS, WHOLE_STATEMENTS } from '../../../src/platform/http/expensive-work.js';
import { percentile, SteadyCalls } from '../../faults/steady-calls.js';
import { aPhone, API_KEY, numbers, TestApp } from '../../support/app.js';

const AT_ONCE = 24;
const HEADERS = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };

let app: TestApp;
let customer: string;
let dials: string;

beforeAll(async () => {
  app = await TestApp.start();
  await app.pool({ name: 'city' }, numbers(2));
  customer = aPhone();
  dials = (await app.order('order-1', customer, aPhone(), { pool: 'city' })).customer.dials;
  // Enough for a list to take a while. Written without the application's limit of time.
  const client = new Client({ connectionString: app.database.url });
  await client.connect();
  await client.query(`
    INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                        quarantine_seconds, placed_at, due_at)
    SELECT gen_random_uuid(), 'old-' || n, (SELECT id FROM pools WHERE name = 'city'), 'placed', 60, 0, 0, 0,
           now() - n * interval '1 second', now()
    FROM generate_series(1, 100000) AS n`);
  await client.end();
});
beforeAll(async () => {
  const warmUp = new SteadyCalls(app, customer.replace('+91', '0'), dials.replace('+91', '0'));
  await sleep(2_000);
  await warmUp.stop();
});
afterAll(async () => {
  await app?.stop();
});

it.each([
  [
    'explanations',
    async () =>
      fetch(`${app.url}/v1/routing/explain`, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ from: customer, to: dials, at: new Date(app.clock.now().getTime() - 1_000) }),
      }),
  ],
  ['lists by status', async () => fetch(`${app.url}/v1/orders?status=closing&limit=1000`, { headers: HEADERS })],
] as const)('no call waits for %s, however many are asked for at once', async (_, ask) => {
  const calls = new SteadyCalls(app, customer.replace('+91', '0'), dials.replace('+91', '0'));
  const begun = performance.now();
  const statuses = new Set<number>();
  const askers = Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() - begun < 4_000) statuses.add((await ask()).status);
  });
  await Promise.all(askers);
  await calls.stop();
  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(statuses).toContain(200);
  expect(calls.refused()).toBe(0);
  // Far below the three seconds after which a call is refused, on a machine that other tests use too.
  expect(percentile(calls.placed, 0.99)).toBeLessThan(2_000);
});

describe('expensive work', () => {
  /** Runs some at once. @returns the most that ran at the same time, and the order in which they began */
  async function runAll(places: readonly (typeof WHOLE_STATEMENTS | typeof SHARED_STATEMENTS)[]) {
    const work = new ExpensiveWork();
    const begun: number[] = [];
    let [running, most] = [0, 0];
    await Promise.all(
      places.map(async (taken, at) =>
        work.run(taken, async () => {
          begun.push(at);
          running += 1;
          most = Math.max(most, running);
          await sleep(5);
          running -= 1;
        }),
      ),
    );
    return { begun, most };
  }

  it.each([
    ['four with statements of their own', WHOLE_STATEMENTS, 20, 4],
    ['32 that share their statements', SHARED_STATEMENTS, 80, 32],
  ] as const)('runs %s at once, in the order in which they came', async (_, places, count, expected) => {
    const { begun, most } = await runAll(Array.from({ length: count }, () => places));
    expect(most).toBe(expected);
    expect(begun).toEqual(Array.from({ length: count }, (_, at) => at));
  });

  it('lets none that needs little overtake one that needs much', async () => {
    const { begun, most } = await runAll([...Array<1>(30).fill(1), ...Array<8>(4).fill(8), ...Array<1>(30).fill(1)]);
    expect(most).toBe(30);
    expect(begun).toEqual(Array.from({ length: 64 }, (_, at) => at));
  });

  it('is refused as busy beyond 64 that wait, and a failure gives its turn on', async () => {
    const work = new ExpensiveWork();
    const failing = Array.from({ length: 68 }, async () =>
      work.run(WHOLE_STATEMENTS, async () => {
        await sleep(1);
        throw new Error('it failed');
      }),
    );
    await expect(work.run(SHARED_STATEMENTS, async () => 1)).rejects.toMatchObject({
      kind: { slug: 'busy', status: 503 },
    });
    await Promise.allSettled(failing);
    expect(await work.run(SHARED_STATEMENTS, async () => 2)).toBe(2);
  });
});
