import { setTimeout as sleep } from 'node:timers/promises';

import { correctCapacities } from '../../../src/virtual-numbers/pools/pool-level.queries.js';
import { Pool } from '../../../src/virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { VirtualNumbersService } from '../../../src/virtual-numbers/numbers/virtual-numbers.service.js';
import { aNumber, aPhone, numbers, TestApp } from '../../support/app.js';
import { ProviderAccount } from '../../support/provider-account.js';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterAll(() => maskline?.stop());

const capacities = async (pool: string): Promise<number[]> =>
  (await maskline.api('GET', `/v1/numbers?pool=${pool}`)).body.numbers.map((one: { capacity: number }) => one.capacity);
const setCapacity = (pool: string, capacity: number) => maskline.api('PATCH', `/v1/pools/${pool}`, { capacity });

describe('a number has the capacity of its pool', () => {
  it('when the pool’s capacity changes while the number is being bought', async () => {
    const pool = await maskline.pool({ lowWater: 1, target: 1, maxNumbers: 1, capacity: 1 });
    await new ProviderAccount(maskline).faults({ api: 'buy', kind: 'slow', ms: 500, times: 1 });
    const round = maskline.replenish(pool);
    while ((await maskline.count('number_purchases', `state = 'ordered'`)) === 0) await sleep(10);
    await setCapacity(pool, 1_000);
    await round;
    expect(await capacities(pool)).toEqual([1_000]);
  });

  it('when the change commits while the statement that adds the number waits for it', async () => {
    const name = await maskline.pool({ capacity: 1 });
    const pool = await maskline.get(PoolsService).byName(name);
    let adding: Promise<unknown> = Promise.resolve();
    await maskline.dataSource.transaction(async (change) => {
      await change.update(Pool, { id: pool.id }, { capacity: 50 });
      await correctCapacities(change, pool.id);
      const rented = { number: aNumber() as never, providerId: 'any' };
      adding = maskline.get(VirtualNumbersService).add(pool, 'exotel', [rented], 'available');
      await sleep(100);
    });
    await adding;
    expect(await capacities(name)).toEqual([50]);
  });

  it('after the next round at the latest, which then serves the orders that waited', async () => {
    const pool = await maskline.pool({ capacity: 5, maxNumbers: 2 }, numbers(2));
    await maskline.dataSource.query(
      `UPDATE virtual_numbers SET capacity = 1 FROM pools WHERE pools.id = pool_id AND pools.name = $1`,
      [pool],
    );
    await maskline.order('first', aPhone(), aPhone(), { pool });
    expect((await maskline.order('second', aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
    expect(await maskline.replenish(pool)).toMatchObject({ finished: 1 });
    expect(await capacities(pool)).toEqual([5, 5]);
  });

  it('or what it holds, where that is more, until its orders end', async () => {
    const pool = await maskline.pool({ capacity: 3, maxNumbers: 2, cancelGraceSeconds: 0 }, numbers(2));
    for (const reference of ['third', 'fourth']) await maskline.order(reference, aPhone(), aPhone(), { pool });
    await setCapacity(pool, 1);
    await maskline.replenish(pool);
    expect(await capacities(pool)).toEqual([2, 2]);
    await maskline.api('POST', '/v1/orders/third/cancel');
    expect(await capacities(pool)).toEqual([1, 1]);
  });
});
