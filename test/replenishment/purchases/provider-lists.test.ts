import { setTimeout as sleep } from 'node:timers/promises';

import { ReplenishmentService } from '../../../src/replenishment/round/replenishment.service.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { aPhone, TestApp } from '../../support/app.js';

const PAGE = 50;
const OWNED = 1_000;

let maskline: TestApp;
afterEach(() => maskline?.stop());

const listed = async (): Promise<number> => {
  const answer = await fetch(`${maskline.exchange.url}/exchange/requests`);
  return ((await answer.json()) as { exotel: { list?: number } }).exotel.list ?? 0;
};
const round = async (pool: string) => {
  const { id } = await maskline.get(PoolsService).byName(pool);
  return maskline.get(ReplenishmentService).replenish(id, { list: 'when-due' });
};

it('rounds that orders announce read a provider’s list once a minute, for all pools together, and buy all the same', async () => {
  const owned = Array.from({ length: OWNED }, (_, index) => `+91804${String(index + 1).padStart(7, '0')}`);
  maskline = await TestApp.start({ exchange: { owned } });
  const marks = { lowWater: 2, target: 3, maxNumbers: 6, unknownNumbers: 'report' as const };
  const pools = [await maskline.pool({ ...marks, region: 'MH' }), await maskline.pool({ ...marks, region: 'DL' })];
  await Promise.all(pools.map(round)); // at once: one reads, the other waits for the result
  const aList = OWNED / PAGE + 1;
  expect(await listed()).toBe(aList);
  for (let order = 0; order < 10; order += 1) {
    maskline.clock.push({ seconds: 4 });
    for (const pool of pools) {
      if (order < 2) await maskline.order(`${pool}-${order}`, aPhone(), aPhone(), { pool });
      await round(pool);
    }
  }
  expect(await listed()).toBe(aList);
  for (const pool of pools) {
    const { level } = (await maskline.api('GET', `/v1/pools/${pool}`)).body;
    expect(level.numbers.available).toBeGreaterThan(3); // bought for the orders, without a new list
  }
  maskline.clock.push({ seconds: 20 });
  for (const pool of pools) await round(pool);
  expect(await listed()).toBe(2 * aList);
});

it('an operator who asks for a round has the list read at once', async () => {
  maskline = await TestApp.start({ works: true });
  const pool = await maskline.pool({ maxNumbers: 5 });
  await round(pool).catch(() => undefined);
  const before = await listed();
  await maskline.api('POST', `/v1/pools/${pool}/replenish`);
  for (let waited = 0; (await listed()) === before && waited < 100; waited += 1) await sleep(100);
  expect(await listed()).toBeGreaterThan(before);
});
