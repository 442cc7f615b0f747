import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';

import { ORDERS_DUE } from '../../../src/orders/lifecycle/orders-due.queue.js';
import { REPLENISHMENT_ROUND } from '../../../src/replenishment/round/replenishment-round.queue.js';
import { RECONCILE } from '../../../src/telephony/reconciliation/reconcile.queue.js';
import { RETENTION_DUE } from '../../../src/platform/retention/retention-due.queue.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { RedisLine } from '../../support/redis-line.js';
import { itWithRedis, REDIS } from '../../support/with-redis.js';
import { CalmTime } from '../../support/calm-time.js';

/** A second for each of nine clocks, and room for a busy machine. Without a bound it would not start at all. */
const AT_MOST_MS = 20_000;

itWithRedis(
  'a start beside a Redis that takes every byte and says nothing goes on, and its clocks are set when Redis is back',
  async () => {
    const line = await RedisLine.to(REDIS!);
    line.cut();
    const waited = new CalmTime();
    const logged: string[] = [];
    const app = await TestApp.start({ redisUrl: line.url, works: true, logTo: (one) => logged.push(one) });
    try {
      expect(waited.ms).toBeLessThan(AT_MOST_MS);
      expect(logged.filter((one) => one.includes('schedules not set yet'))).not.toEqual([]);
      await app.pool({ name: 'full' }, numbers(2));
      expect((await app.order('served', aPhone(), aPhone(), { pool: 'full' })).status).toBe('active');

      line.mend();
      for (const queue of [ORDERS_DUE, RECONCILE, RETENTION_DUE, REPLENISHMENT_ROUND]) {
        const clocks = () => app.get<Queue>(getQueueToken(queue) as never).getJobSchedulers();
        await until(async () => (await clocks()).length === 1);
      }
      await until(async () => logged.some((one) => one.includes('round made')));
    } finally {
      await app.stop();
      line.close();
    }
  },
  90_000,
);

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < 30_000;) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It did not come within 30 s.');
}
