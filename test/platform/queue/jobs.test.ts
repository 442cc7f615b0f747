import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';

import { AWAITING_NUMBERS } from '../../../src/orders/links/awaiting-numbers.queue.js';
import { POOL_LOW } from '../../../src/virtual-numbers/pools/pool-low.queue.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';
import { CalmTime } from '../../support/calm-time.js';

const REDIS = process.env['TEST_REDIS_URL'];
const BACKENDS = [
  ['PostgreSQL', null],
  ['Redis', REDIS],
] as const;

let placed = 0;
const aReference = () => `job-${(placed += 1)}`;

for (const [backend, redisUrl] of BACKENDS) {
  (redisUrl === '' || redisUrl === undefined ? describe.skip : describe)(`jobs on ${backend}`, () => {
    describe('are worked off by themselves', () => {
      let app: TestApp;
      beforeAll(async () => {
        app = await TestApp.start({ works: true, redisUrl });
      });
      afterAll(async () => {
        await app?.stop();
      });

      const statusOf = async (reference: string) => (await app.api('GET', `/v1/orders/${reference}`)).body.status;

      it('buy numbers for a pool that has marks, so that its orders become active', async () => {
        const pool = await app.pool({ lowWater: 2, target: 4, maxNumbers: 6 });
        const [reference, customer, agent] = [aReference(), aPhone(), aPhone()];
        await app.order(reference, customer, agent, { pool });
        await eventually(() => statusOf(reference), 'active');
        const level = async () => (await app.api('GET', `/v1/pools/${pool}`)).body.level;
        await eventually(async () => (await level()).assignable >= 2, true);
        expect((await level()).numbers.available).toBeLessThanOrEqual(6);
        const order = (await app.api('GET', `/v1/orders/${reference}`)).body;
        const call = await app.place({ from: customer, to: order.customer.dials });
        expect(JSON.stringify(call)).toContain(agent.slice(3));
      });

      it('finish an order that waits as soon as its numbers are there', async () => {
        const pool = await app.pool({ maxNumbers: 0 });
        const reference = aReference();
        expect((await app.order(reference, aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
        const own = numbers(2).map((number) => ({ number }));
        await app.api('POST', '/v1/numbers/import', { pool, numbers: own });
        await eventually(() => statusOf(reference), 'active');
      });

      it('end what is due, and give the numbers to who waits for them', async () => {
        const pool = await app.pool({ maxNumbers: 0, graceSeconds: 0, lifetimeSeconds: 600 }, numbers(2));
        const [first, next] = [aReference(), aReference()];
        expect((await app.order(first, aPhone(), aPhone(), { pool })).status).toBe('active');
        const waiting = await app.order(next, aPhone(), aPhone(), { pool, lifetimeSeconds: 86_400 });
        expect(waiting.status).toBe('awaiting-numbers');
        app.clock.push({ minutes: 10 });
        await eventually(() => statusOf(first), 'ended');
        await eventually(() => statusOf(next), 'active');
        await expectConservedNumbers(app.dataSource);
      });
    });

    it('are announced once, however much there is to announce', async () => {
      const app = await TestApp.start({ redisUrl });
      try {
        const jobs = async (queue: string, name: string) => {
          const waiting = await app
            .get<Queue>(getQueueToken(queue) as never)
            .getJobs(['wait', 'delayed', 'prioritized']);
          return waiting.filter((job) => job.name === name).length;
        };
        const pool = await app.pool();
        await Promise.all(Array.from({ length: 20 }, () => app.order(aReference(), aPhone(), aPhone(), { pool })));
        expect(await app.count('orders', `status = 'awaiting-numbers'`)).toBe(20);
        expect(await jobs(POOL_LOW, 'pool-low')).toBe(1);
        expect(await jobs(AWAITING_NUMBERS, 'finish')).toBe(1);
        const other = await app.pool();
        await app.order(aReference(), aPhone(), aPhone(), { pool: other });
        expect(await jobs(POOL_LOW, 'pool-low')).toBe(2);
        expect(await jobs(AWAITING_NUMBERS, 'finish')).toBe(2);
      } finally {
        await app.stop();
      }
    });
  });
}

async function eventually<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  const waited = new CalmTime();
  for (;;) {
    const answer = await ask();
    if (answer === expected || waited.ms > 15_000) return expect(answer).toBe(expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
