import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { DemandRollupService } from '../../../src/replenishment/forecast/demand-rollup.service.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { pastOrders } from '../../support/past-orders.js';

let maskline: TestApp;
beforeEach(async () => {
  maskline = await TestApp.start();
});
afterEach(() => maskline.stop());

const past = (pool: string, days: number, each: number) => pastOrders(maskline, pool, { days, each });

const rollUp = async (pool: string) => {
  await maskline.get(DemandRollupService).rollUp(await maskline.get(PoolsService).byName(pool));
};
const counted = () => maskline.dataSource.query(`SELECT * FROM pool_quarters ORDER BY quarter`);
const forecast = async (pool: string) => (await maskline.api('GET', `/v1/pools/${pool}/forecast`)).body;

describe('the rollup', () => {
  it('counts each order once, in the quarter hour in which it got its numbers, however often it is run', async () => {
    const pool = await maskline.pool({}, numbers(8));
    await maskline.order('one', aPhone(), aPhone(), { pool });
    await maskline.order('without an agent', aPhone(), undefined, { pool });
    maskline.clock.push({ minutes: 16 });
    await rollUp(pool);
    await maskline.order('two', aPhone(), aPhone(), { pool });
    await maskline.order('three', aPhone(), aPhone(), { pool });
    await rollUp(pool);
    maskline.clock.push({ minutes: 30 });
    await Promise.all([rollUp(pool), rollUp(pool)]);
    expect((await counted()).map(({ orders }: { orders: number }) => orders)).toEqual([1, 2, 0]);
  });

  it('waits half a minute for orders of a quarter hour that are still being committed', async () => {
    const pool = await maskline.pool({}, numbers(4));
    await maskline.order('one', aPhone(), aPhone(), { pool });
    maskline.clock.push({ minutes: 15, seconds: 29 });
    await rollUp(pool);
    expect(await counted()).toEqual([]);
    maskline.clock.push({ seconds: 1 });
    await rollUp(pool);
    expect(await counted()).toHaveLength(1);
  });

  it('begins with the first order, and catches up a week at a time', async () => {
    const pool = await maskline.pool();
    await past(pool, 10, 1);
    await rollUp(pool);
    expect(await counted()).toHaveLength(7 * 96);
    expect(await forecast(pool)).toMatchObject({ basis: null, missing: 0 }); // it would be one of three days ago
    await rollUp(pool);
    maskline.clock.push({ minutes: 1 });
    await rollUp(pool);
    expect(await counted()).toHaveLength(10 * 96);
    expect(await forecast(pool)).toMatchObject({ basis: { pattern: 'week', days: 10 } });
  });

  it('counts for how long orders hold their numbers when they are over, each once', async () => {
    const pool = await maskline.pool({ lifetimeSeconds: 3_600, graceSeconds: 900 }, numbers(8));
    await maskline.order('short', aPhone(), aPhone(), { pool });
    await maskline.order('long', aPhone(), aPhone(), { pool });
    await maskline.api('POST', '/v1/orders/short/complete');
    for (let quarter = 0; quarter < 10; quarter += 1) {
      await maskline.pass({ minutes: 15 });
      await rollUp(pool);
      await rollUp(pool);
    }
    // Completed at once: a quarter hour of grace. Expired after an hour: five quarters.
    expect(await maskline.dataSource.query('SELECT quarters, orders FROM pool_holdings ORDER BY quarters')).toEqual([
      { quarters: 1, orders: 1 },
      { quarters: 5, orders: 1 },
    ]);
  });

  it('notes how many pairs the busiest dialler has, rests included', async () => {
    const pool = await maskline.pool({}, numbers(12));
    const agent = aPhone();
    for (const reference of ['one', 'two', 'three']) {
      await maskline.order(reference, aPhone(), agent, { pool });
      await maskline.api('POST', `/v1/orders/${reference}/complete`);
    }
    await maskline.pass({ minutes: 31 });
    await rollUp(pool);
    expect((await counted()).at(-1)).toMatchObject({ dialler_pairs: 3 });
  });

  it('notes how long calls were, an hour later, where the pool has a limit of channels', async () => {
    const pool = await maskline.pool({ channelsPerNumber: 2 }, numbers(2));
    const [customer, agent] = [aPhone(), aPhone()];
    const { customer: side } = await maskline.order('one', customer, agent, { pool });
    const { callSid } = await maskline.call(customer, side.dials);
    await maskline.dataSource.query('UPDATE interactions SET talk_seconds = 40 WHERE provider_call_id = $1', [callSid]);
    maskline.clock.push({ minutes: 16 });
    await rollUp(pool);
    expect(await counted()).toMatchObject([{ call_seconds: null }]);
    maskline.clock.push({ minutes: 60 });
    await rollUp(pool);
    expect((await counted())[0]).toMatchObject({ call_seconds: 40 });
  });

  it('forgets quarter hours of more than nine weeks ago, and is not bound to the orders it counted', async () => {
    const pool = await maskline.pool();
    await past(pool, 3, 1);
    await rollUp(pool);
    maskline.clock.push({ seconds: 30 });
    await rollUp(pool);
    await maskline.dataSource.query('DELETE FROM orders');
    expect((await forecast(pool)).basis).toMatchObject({ days: 3 });
    for (let week = 0; week < 10; week += 1) {
      maskline.clock.push({ days: 7 });
      await rollUp(pool);
    }
    expect(await counted()).toHaveLength(9 * 7 * 96);
    expect(await maskline.count('pool_holdings')).toBe(0);
  });
});

describe('a forecast', () => {
  it('says what is missing and why in one sentence, and a round buys it', async () => {
    const pool = await maskline.pool({ maxNumbers: 200 });
    await past(pool, 15, 4);
    for (let round = 0; round < 3; round += 1) await rollUp(pool);
    maskline.clock.push({ seconds: 30 });
    await rollUp(pool);
    const before = await forecast(pool);
    // Four a quarter hour for 70 minutes: 4 x 4.5 and a half overlap, and 3.09 standard deviations.
    expect(before).toMatchObject({
      pool,
      owned: 0,
      coming: 0,
      leadSeconds: 3_600,
      basis: { pattern: 'week', trend: 1, spread: 1, holdingMedianMinutes: 75 },
      hardest: { expectedOverlap: 18, overlap: 32, forOrders: 64, forDiallers: 0, numbers: 64 },
    });
    expect(before.why).toBe('64 more by 06:00 UTC on 22 Nov: 32 orders expected to overlap, 2 each, 0 owned.');
    expect(before.quarters).toHaveLength(6);

    expect(await maskline.replenish(pool)).toMatchObject({ bought: 64 });
    const after = await forecast(pool);
    expect(after).toMatchObject({ missing: 0, owned: 64 });
    expect(after.why).toBe(
      'Enough until 07:15 UTC on 22 Nov: at 06:00 UTC on 22 Nov 32 orders expected to overlap, 2 each, 64 owned.',
    );
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 0 });
  });

  it('leaves a pool of which too little is known to its marks', async () => {
    const pool = await maskline.pool({ lowWater: 2, target: 4, maxNumbers: 200 });
    expect((await forecast(pool)).why).toContain('low-water mark of 2');
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 4 });
    expect(await forecast(pool)).toMatchObject({ basis: null, hardest: null, quarters: [], missing: 0, owned: 4 });
  });

  it('does not undercut the marks, nor exceed the limit', async () => {
    const marked = await maskline.pool({ lowWater: 80, target: 90, maxNumbers: 200 });
    const limited = await maskline.pool({ maxNumbers: 10 });
    for (const pool of [marked, limited]) {
      await past(pool, 8, 4);
      for (let round = 0; round < 2; round += 1) await rollUp(pool);
    }
    expect(await maskline.replenish(marked)).toMatchObject({ bought: 90 });
    expect(await maskline.replenish(limited)).toMatchObject({ bought: 10 });
  });

  it('looks as far ahead as numbers take to come', async () => {
    const pool = await maskline.pool({ leadTimeSeconds: 86_400 });
    await past(pool, 2, 1);
    await rollUp(pool);
    maskline.clock.push({ seconds: 30 });
    await rollUp(pool);
    expect((await forecast(pool)).quarters).toHaveLength(96 + 2);
    await maskline.dataSource.query(
      `INSERT INTO number_purchases (pool_id, provider, number, state, wanted_at, ordered_at, settled_at)
       SELECT id, 'exotel', '+918047199999', 'available', $2, $2, $2::timestamptz + interval '2 hours' FROM pools WHERE name = $1`,
      [pool, maskline.clock.now()],
    );
    expect(await forecast(pool)).toMatchObject({ leadSeconds: 86_400 + 7_200 });
  });

  it('is asked of a pool that there is', async () => {
    expect((await maskline.api('GET', '/v1/pools/nowhere/forecast')).status).toBe(404);
  });
});
