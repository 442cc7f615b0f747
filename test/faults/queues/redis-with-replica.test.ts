import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';

import { aPhone } from '../../support/app.js';
import { OwnRedis } from '../../support/own-redis.js';
import { RedisLine } from '../../support/redis-line.js';
import { describeWithRedis } from '../../support/with-redis.js';
import { FaultyQueues, LIFETIME_SECONDS, until } from './faulty-queues.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const faulty = new FaultyQueues();
beforeEach(() => faulty.forget());

/** As managed services do it: one address, which leads to the replica once that has been promoted. */
describeWithRedis('queues on a Redis with a replica', () => {
  let primary: OwnRedis;
  let replica: OwnRedis;
  let line: RedisLine;

  beforeAll(async () => {
    [primary, replica] = await Promise.all([OwnRedis.start(), OwnRedis.start()]);
    await replica.replicate(primary);
    line = await RedisLine.to(primary.url);
    await faulty.start({ redisUrl: line.url });
  });
  afterAll(async () => {
    primary?.thaw(); // a connection that was idle when it froze says goodbye to it
    await faulty.stop();
    line?.close();
    await Promise.all([primary?.stop(), replica?.stop()]);
  });

  /** Places orders all the while. @returns their references */
  async function underLoad(happens: () => Promise<void>): Promise<string[]> {
    const references: string[] = [];
    let isBusy = true;
    const load = (async () => {
      for (; isBusy; await sleep(20)) {
        const reference = `load-${faulty.aReference()}`;
        const order = { reference, pool: 'short', customer: { phone: aPhone() } };
        expect((await faulty.app.api('POST', '/v1/orders', order)).status).toBe(201);
        references.push(reference);
      }
    })();
    await happens().finally(() => (isBusy = false));
    await load;
    return references;
  }

  async function allAreDealtWith(references: readonly string[]): Promise<void> {
    const unsaid = (type: string) => {
      const said = new Set(faulty.told.filter((event) => event.type === type).map((event) => event.subject));
      return references.filter((reference) => !said.has(reference));
    };
    await until(async () => unsaid('order.placed').length === 0);
    faulty.app.clock.push({ seconds: LIFETIME_SECONDS + 1 });
    await until(async () => unsaid('order.expired').length === 0);
  }

  // Connections move at their next write: log and metric tell, and readiness is down for some seconds at most.
  it('go on within 15 s after the replica took over and the primary became read-only, and nothing is lost', async () => {
    const reference = await faulty.anActiveOrder();
    const before = await faulty.metric('maskline_queue_failures_total');
    const loaded = await underLoad(async () => {
      await primary.failOverTo(replica);
      line.leadTo(replica.url);
      await faulty.queues.runAgain(Date.now());
    });
    expect(faulty.isLogged('queue failed')).toBe(true);
    expect(await faulty.metric('maskline_queue_failures_total')).toBeGreaterThan(before);
    await allAreDealtWith([reference, ...loaded]);
    await until(() => faulty.isReady());
  });

  it('go on within 15 s after the primary fell silent and the replica was promoted, and nothing is lost', async () => {
    [primary, replica] = [replica, primary];
    const reference = await faulty.anActiveOrder();
    const loaded = await underLoad(async () => {
      primary.freeze();
      await faulty.isTold('unreadable: ');
      await replica.command('REPLICAOF', 'NO', 'ONE');
      line.leadTo(replica.url);
      await faulty.queues.runAgain(Date.now());
    });
    await allAreDealtWith([reference, ...loaded]);
    await faulty.isOver();
  });
});
