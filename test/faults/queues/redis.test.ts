import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';

import { Processors } from '../../../src/platform/queue/processors.js';
import { aPhone } from '../../support/app.js';
import { OwnRedis } from '../../support/own-redis.js';
import { describeWithRedis } from '../../support/with-redis.js';
import { FaultyQueues, until } from './faulty-queues.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const faulty = new FaultyQueues();
beforeEach(() => faulty.forget());

describeWithRedis('queues on a Redis', () => {
  let redis: OwnRedis;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    await faulty.start({ redisUrl: redis.url });
  });
  afterAll(async () => {
    redis?.thaw();
    await faulty.stop();
    await redis?.stop();
  });

  // Nobody can know before the next look, which cures it: log and metric tell, and readiness stays well.
  it('run again within 15 s after it was emptied under load, and nothing is lost; log and metric say so', async () => {
    const reference = await faulty.anActiveOrder();
    const before = await faulty.metric('maskline_schedules_recreated_total');
    let isBusy = true;
    const load = (async () => {
      for (let order = 0; isBusy; order += 1)
        await faulty.app.api('POST', '/v1/orders', { reference: `load-${order}`, customer: { phone: aPhone() } });
    })();
    await redis.command('FLUSHALL');
    await faulty.queues.runAgain(Date.now()).finally(() => (isBusy = false));
    await load;
    await faulty.isDealtWith(reference);
    expect(faulty.isLogged('schedule recreated')).toBe(true);
    expect((await faulty.metric('maskline_schedules_recreated_total')) - before).toBeGreaterThanOrEqual(
      faulty.queues.names.length,
    );
    expect(await faulty.isReady()).toBe(true);
  });

  // Likewise.
  it('run again within 15 s after single keys of theirs were evicted; log and metric say so', async () => {
    const reference = await faulty.anActiveOrder();
    const before = await faulty.metric('maskline_schedules_recreated_total');
    const lost = [/:delayed$/, /:repeat$/, /:repeat:\w+$/, /:repeat:\w+:\d+$/];
    for (const [index, { queue }] of faulty.app.get(Processors).all().entries()) {
      const keys = (await redis.command('KEYS', `${queue.toKey('')}*`)) as string[];
      const evicted = keys.filter((key) => lost[index % lost.length]!.test(key));
      if (evicted.length > 0) await redis.command('DEL', ...evicted);
    }
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    expect(faulty.isLogged('schedule recreated')).toBe(true);
    expect(await faulty.metric('maskline_schedules_recreated_total')).toBeGreaterThan(before);
    expect(await faulty.isReady()).toBe(true);
  });

  it('run again within 15 s after it came back empty; meanwhile log, metrics and readiness say so', async () => {
    const reference = await faulty.anActiveOrder();
    const before = await faulty.metric('maskline_queue_failures_total');
    await redis.stop();
    await faulty.isTold('unreadable: ');
    await until(async () => faulty.isLogged('queue failed', 'ECONNREFUSED')); // told every 10 s
    expect(await faulty.metric('maskline_queue_failures_total')).toBeGreaterThan(before);
    await redis.startAgain();
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    await faulty.isOver();
    expect(faulty.isLogged('schedule recreated')).toBe(true);
  });

  it('run again within 15 s after it was frozen; meanwhile log, metrics and readiness say so', async () => {
    const reference = await faulty.anActiveOrder();
    redis.freeze();
    await faulty.isTold('unreadable: ');
    expect(faulty.isLogged('queues unreadable')).toBe(true);
    expect(await faulty.metric('maskline_queue_unread_seconds{queue="orders.due"}')).toBeGreaterThan(5);
    await sleep(5_000);
    redis.thaw();
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    await faulty.isOver();
  });

  it('run again within 15 s after it was a replica for a while; meanwhile log, metrics and readiness say so', async () => {
    const reference = await faulty.anActiveOrder();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await faulty.isTold('read-only');
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    await faulty.isOver();
  });
});
