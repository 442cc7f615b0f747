import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';

import { aFolder } from '../platform/embedded/support.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { itWithRedis, REDIS } from '../support/with-redis.js';
import { cleanUpStarted, LONG_MS, send, start, type Started } from './started.js';

/** A few seconds in every run; ten minutes with `npm run load`, which also watches the memory. */
const LOAD_MS = Number(process.env['LOAD_SECONDS'] ?? 3) * 1_000;
const CLIENTS = 4;
/** Below it, caches still fill, and a garbage collection more or less decides. */
const SHORTEST_FOR_MEMORY_MS = 120_000;

vi.setConfig({ testTimeout: LONG_MS + LOAD_MS, hookTimeout: LONG_MS });

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
});
afterEach(async () => {
  await cleanUpStarted();
  await database.drop();
});

itWithRedis(
  'two api and two worker processes share the load: no request fails, no call is refused, every order ends',
  async () => {
    const key = randomBytes(32);
    const dataDir = await aFolder();
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: REDIS!,
      API_KEY: 'the-key-of-four-processes',
      PHONE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      PHONE_LOOKUP_KEY: key.toString('base64'),
    };
    const secret = createHmac('sha256', key).update('exotel hook').digest('base64url').slice(0, 32);
    const first = await start({ env: { ...env, ROLE: 'api' }, dataDir });
    await first.isReady();
    const beside = { ...env, EXCHANGE_PORT: first.env.EXCHANGE_PORT };
    const [second, ...workers] = await Promise.all(
      ['api', 'worker', 'worker'].map((ROLE) => start({ env: { ...beside, ROLE }, dataDir })),
    );
    const apis = [first, second!];
    const all = [...apis, ...workers];
    await Promise.all(all.map((one) => one.isReady()));
    const size = {
      lowWater: 4,
      target: 4,
      maxNumbers: 4,
      capacity: 200,
      graceSeconds: 0,
      quarantineSeconds: 0,
      decideWithoutDatabaseSeconds: 0,
    };
    expect(await first.api('POST', 'pools', { name: 'shared', country: 'IN', ...size })).toMatchObject({ status: 201 });
    await untilSo(async () => (await first.api('GET', 'pools/shared')).body.level.assignable === 4);

    const failed: string[] = [];
    const ended: string[] = [];
    const heaps: number[][] = [];
    const until = performance.now() + LOAD_MS;
    const client = async (number: number) => {
      for (let turn = 0; performance.now() < until; turn += 1) {
        const [one, other] = turn % 2 === 0 ? apis : apis.toReversed();
        const reference = `load-${number}-${turn}`;
        const [customer, agent] = [aPhone(), aPhone()];
        const expectOk = ({ status, text }: { status: number; text: string }) => {
          if (status >= 300) failed.push(`${status} ${text}`);
        };
        expectOk(await one!.api('POST', 'orders', { reference, pool: 'shared', customer: { phone: customer } }));
        const assigned = await other!.api('PUT', `orders/${reference}/agent`, { phone: agent });
        expectOk(assigned);
        const query = new URLSearchParams({ CallSid: reference, From: customer, To: assigned.body.customer.dials });
        const hook = `${one!.url}/hooks/exotel/${secret}`;
        const call = await send(`${hook}/connect?${query}`, 'GET');
        if (call.body.destination?.numbers?.[0] !== agent) failed.push(call.text);
        expectOk(await send(`${hook}/passthru/answered?${query}&DialCallStatus=completed`, 'GET'));
        expectOk(await one!.api('GET', `orders?limit=20`));
        expectOk(await other!.api('POST', `orders/${reference}/complete`));
        ended.push(reference);
      }
    };
    const watching = LOAD_MS < SHORTEST_FOR_MEMORY_MS ? null : watchMemory(all, heaps, until);
    await Promise.all([...Array.from({ length: CLIENTS }, (_, number) => client(number)), watching]);

    expect(failed).toEqual([]);
    expect(ended.length).toBeGreaterThan(CLIENTS);
    await untilSo(async () => {
      const orders = await Promise.all(ended.slice(-20).map((reference) => first.order(reference)));
      return orders.every(({ status }) => status === 'ended');
    });
    for (const api of apis) expect(await api.metric('maskline_call_decisions_total')).toBeGreaterThan(0);
    for (const worker of workers) expect(await worker.metric('maskline_job_seconds_count')).toBeGreaterThan(0);
    // The least of a quarter of the samples is what is left after a garbage collection.
    for (const [at, heap] of heaps.entries()) {
      const quarter = Math.floor(heap.length / 4);
      const [early, late] = [heap.slice(quarter, 2 * quarter), heap.slice(-quarter)].map((some) => Math.min(...some));
      process.stdout.write(
        `process ${at}: heap ${mib(early!)} MiB in the second quarter, ${mib(late!)} MiB in the last\n`,
      );
      expect([at, late! / early!]).toEqual([at, expect.toSatisfy((growth: number) => growth < 1.2)]);
    }
  },
);

async function watchMemory(processes: readonly Started[], heaps: number[][], until: number): Promise<void> {
  processes.forEach((_, at) => (heaps[at] = []));
  for (; performance.now() < until; await sleep(1_000)) {
    for (const [at, one] of processes.entries()) heaps[at]!.push((await one.metric('nodejs_heap_size_used_bytes'))!);
  }
}

async function untilSo(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries === 600) throw new Error('It did not come within a minute.');
    await sleep(100);
  }
}

function aPhone(): string {
  return `+919${randomInt(100_000_000, 999_999_999)}`;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
