import fc from 'fast-check';

import { DEFAULT_POLICY, type Pool } from '../../../src/virtual-numbers/pools/pool.entity.js';
import { ProviderRefused, ProviderUnavailable } from '../../../src/telephony/providers/provider-errors.js';
import { judge } from '../../../src/replenishment/purchases/purchase-budget.js';
import { TestApp } from '../../support/app.js';
import { ProviderAccount } from '../../support/provider-account.js';

/** What the exchange asks a month for a landline. */
const RENT = 499;

describe('a purchase', () => {
  const pool = (but: Partial<Pool>) => ({ ...DEFAULT_POLICY, name: 'p', ...but }) as Pool;
  const nothing = { today: 0, thisMonth: 0, highestRent: null, foreignCurrency: null };

  it('is allowed up to the very limit, and says which thresholds it crosses', () => {
    const p = pool({ maxSpendPerDay: 1_000, currency: 'INR' });
    expect(judge(p, 0, nothing, '1000')).toMatchObject({ ok: true, crossings: [{ percent: 80 }, { percent: 100 }] });
    expect(judge(p, 0, nothing, '1000.0001')).toMatchObject({ ok: false });
    expect(judge(p, 0, { ...nothing, today: 8_000_000 }, '1')).toMatchObject({ ok: true, crossings: [] });
    expect(judge(pool({ maxNumbers: 10 }), 7, nothing, null)).toMatchObject({
      ok: true,
      crossings: [{ budget: 'numbers', percent: 80 }],
    });
    expect(judge(pool({ maxNumbers: 10 }), 10, nothing, null)).toMatchObject({ ok: false });
  });

  it('of unknown rent counts as the pool’s highest, or is not made', () => {
    const limits = { maxSpendPerMonth: 1_000, currency: 'INR' };
    expect(judge(pool(limits), 0, nothing, null)).toMatchObject({ ok: false });
    expect(judge(pool({ ...limits, maxRent: 600 }), 0, nothing, null)).toMatchObject({ ok: true, rent: '600' });
    expect(judge(pool(limits), 0, { ...nothing, highestRent: '499.0000' }, null)).toMatchObject({ rent: '499.0000' });
    expect(judge(pool({}), 0, nothing, null)).toMatchObject({ ok: true, rent: null });
  });

  it('is not made where the provider charges in another currency than the limits have', () => {
    const p = pool({ maxSpendPerDay: 1_000, currency: 'INR' });
    expect(judge(p, 0, { ...nothing, foreignCurrency: 'USD' }, '1')).toMatchObject({ ok: false });
  });

  it('is not made while buying is off', () => {
    expect(judge(pool({ buying: 'off' }), 0, nothing, '1')).toMatchObject({ ok: false });
  });
});

describe('a pool', () => {
  let maskline: TestApp;
  let account: ProviderAccount;
  beforeAll(async () => {
    maskline = await TestApp.start();
    account = new ProviderAccount(maskline);
  });
  afterAll(() => maskline.stop());

  const events = async (pool: string) =>
    (await maskline.api('GET', `/v1/pools/${pool}/events`)).body.events.map(({ detail }: { detail: string }) => detail);

  it('spends what it may in a day, says so once at 80 and once at 100 %, and goes on the next day', async () => {
    const money = { maxSpendPerDay: 2 * RENT, maxSpendPerMonth: 3 * RENT, currency: 'INR' };
    const pool = await maskline.pool({ lowWater: 5, target: 5, maxNumbers: 9, region: 'MH', ...money });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 2 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 0 });
    const told = await events(pool);
    expect(told).toEqual([expect.stringContaining('100 %'), expect.stringContaining('80 %')]);
    maskline.clock.push({ days: 1 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 1 }); // the month's
    maskline.clock.push({ days: 1 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 0 });
    const metrics = (await maskline.request('GET', '/metrics', { authorization: 'Bearer mk_the_key_of_the_tests' }))
      .text;
    expect(metrics).toContain(`maskline_budget_crossings_total{pool="${pool}",budget="month",percent="100"} 1`);
  });

  it('buys nothing while its switch is off, nor a number that is too dear', async () => {
    const marks = { lowWater: 2, target: 2, maxNumbers: 2, region: 'GJ' };
    const off = await maskline.pool({ ...marks, buying: 'off' });
    expect(await maskline.replenish(off)).toMatchObject({ bought: 0 });
    await maskline.api('PATCH', `/v1/pools/${off}`, { buying: 'on' });
    expect(await maskline.replenish(off)).toMatchObject({ bought: 2 });
    const dear = await maskline.pool({ ...marks, maxRent: RENT - 1, currency: 'INR' });
    expect(await maskline.replenish(dear)).toMatchObject({ bought: 0 });
  });

  it('buys the kind of number it is for', async () => {
    const pool = await maskline.pool({ lowWater: 1, target: 1, maxNumbers: 1, numberType: 'mobile', region: 'KL' });
    await maskline.replenish(pool);
    const { numbers } = (await maskline.api('GET', `/v1/numbers?pool=${pool}`)).body;
    expect(numbers).toEqual([expect.objectContaining({ number: expect.stringMatching(/^\+9195/) })]);
  });

  /** Lists lie twice in three rounds at most: three in a row are believed. */
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ round: true } as const) },
    { weight: 2, arbitrary: fc.record({ push: fc.constantFrom(30, 150, 3_600, 86_400) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        fault: fc.constantFrom(
          { api: 'buy', kind: 'hang-after-doing', times: 2 },
          { api: 'buy', kind: 'cut', times: 2 },
          { api: 'buy', kind: 'refuse', times: 1 },
          { api: 'buy', kind: 'status', status: 500, times: 1 },
          { api: 'get', kind: 'status', status: 500, times: 1 },
          { api: 'list', kind: 'empty', times: 2 },
          { api: 'search', kind: 'status', status: 429, retryAfter: 60, times: 1 },
        ),
      }),
    },
  );

  it('exceeds no limit, whatever happens in whichever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        await account.faults();
        await maskline.dataSource.query('DELETE FROM provider_circuits');
        const before = await account.inventory();
        const limits = { maxNumbers: 4, maxSpendPerDay: 2 * RENT, maxSpendPerMonth: 3 * RENT, currency: 'INR' };
        const pool = await maskline.pool({ lowWater: 4, target: 4, region: 'DL', unknownNumbers: 'report', ...limits });
        const [owned, paid] = [before.numbers.length, before.spent['INR'] ?? 0];
        const perDay = new Map<string, number>();
        const perMonth = new Map<string, number>();
        let last = paid;
        let roundsOfTruth = 3;
        for (const one of steps) {
          const day = maskline.clock.now().toISOString().slice(0, 10);
          if ('push' in one) maskline.clock.push({ seconds: one.push });
          else if ('round' in one) {
            await maskline.replenish(pool).catch(mustBeTheProviders);
            roundsOfTruth += 1;
          } else if (one.fault.api !== 'list') await account.faults(one.fault);
          else if (roundsOfTruth >= 3) {
            await account.faults(one.fault);
            roundsOfTruth = 0;
          }
          const now = await account.inventory();
          const spent = now.spent['INR'] ?? 0;
          perDay.set(day, (perDay.get(day) ?? 0) + spent - last);
          perMonth.set(day.slice(0, 7), (perMonth.get(day.slice(0, 7)) ?? 0) + spent - last);
          last = spent;
          expect(now.numbers.length - owned).toBeLessThanOrEqual(limits.maxNumbers);
          expect(Math.max(0, ...perDay.values())).toBeLessThanOrEqual(limits.maxSpendPerDay);
          expect(Math.max(0, ...perMonth.values())).toBeLessThanOrEqual(limits.maxSpendPerMonth);
        }
        // Nobody is left to buy for it, so that the next pool has the shelf, and the account, for itself.
        await account.faults();
        await maskline.api('PATCH', `/v1/pools/${pool}`, { buying: 'off' });
        for (let round = 1; round <= 4; round += 1) {
          maskline.clock.push({ minutes: 20 });
          await maskline.replenish(pool);
        }
        expect(await maskline.count('number_purchases', `state IN ('wanted', 'ordered')`)).toBe(0);
      }),
      { numRuns: Number(process.env['BUDGET_RUNS'] ?? 25), endOnFailure: true },
    );
  }, 180_000);
});

function mustBeTheProviders(failure: unknown): void {
  if (!(failure instanceof ProviderUnavailable) && !(failure instanceof ProviderRefused)) throw failure;
}
