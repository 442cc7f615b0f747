import { DemandRollupService } from '../../../src/replenishment/forecast/demand-rollup.service.js';
import { DEFAULT_POLICY } from '../../../src/virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { aPhone, numbers, TestApp, type Answer, type Body } from '../../support/app.js';
import { pastOrders } from '../../support/past-orders.js';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterAll(() => maskline.stop());

const preview = (pool: string, change: object): Promise<Answer> =>
  maskline.api('POST', `/v1/pools/${pool}/policy-preview`, change);
const effectOf = ({ body }: Answer, field: string): string =>
  body.effects.find((one: Body) => one.field === field)?.effect;

const counted = (count: number) => `${count} ${count === 1 ? 'number' : 'numbers'}`;

describe('the preview of a policy', () => {
  it('says how many numbers the expected orders need with another capacity, and changes nothing', async () => {
    const pool = await maskline.pool({ capacity: 1, maxNumbers: 500 }, numbers(3));
    await pastOrders(maskline, pool, { days: 2, each: 8 });
    await maskline.get(DemandRollupService).rollUp(await maskline.get(PoolsService).byName(pool));
    const before = (await maskline.api('GET', `/v1/pools/${pool}`)).body;
    const { hardest } = (await maskline.api('GET', `/v1/pools/${pool}/forecast`)).body;
    expect(hardest.numbers).toBeGreaterThan(80);

    const answer = await preview(pool, { capacity: 100 });
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    const { now, then, effects } = answer.body;
    expect(now).toMatchObject({ needed: hardest.numbers, neededAt: hardest.quarter, assignable: expect.any(Number) });
    expect(then.needed).toBeLessThan(now.needed / 20);
    expect(effects).toEqual([
      {
        field: 'capacity',
        effect: `With 100 orders a number, the expected orders need about ${counted(then.needed)} instead of ${now.needed}. Running orders keep their numbers.`,
      },
    ]);
    expect((await maskline.api('GET', `/v1/pools/${pool}`)).body).toEqual(before);
    expect((await maskline.api('GET', `/v1/pools/${pool}/forecast`)).body.hardest).toEqual(hardest);

    await maskline.api('PATCH', `/v1/pools/${pool}`, { capacity: 100 });
    const changed = (await maskline.api('GET', `/v1/pools/${pool}/forecast`)).body;
    expect(changed.hardest.numbers).toBe(then.needed);
  });

  it('counts the orders of now while too little is measured', async () => {
    const pool = await maskline.pool({ capacity: 1 }, numbers(12));
    for (const reference of ['one', 'two', 'three']) {
      await maskline.order(`${pool}-${reference}`, aPhone(), aPhone(), { pool });
    }
    const { body } = await preview(pool, { capacity: 3 });
    expect(body.now).toMatchObject({ needed: 7, neededAt: null, owned: 12, assignable: 6 });
    expect(body.then).toMatchObject({ needed: 4, owned: 12, assignable: 12 });
    expect(effectOf({ body } as Answer, 'capacity')).toContain('the orders that hold numbers now need about 4 numbers');
  });

  it('says what would be bought, within the limits of the pool', async () => {
    const pool = await maskline.pool({ lowWater: 0, target: 0, maxNumbers: 5, buying: 'off' }, numbers(2));
    const more = await preview(pool, { buying: 'on', lowWater: 4, target: 8 });
    expect([more.body.now.toBuy, more.body.then.toBuy]).toEqual([0, 3]);
    expect(effectOf(more, 'lowWater')).toContain('fewer than 4 numbers can be assigned; 2 can be now. It buys 3 now');
    const fewer = await preview(pool, { maxNumbers: 1 });
    expect(effectOf(fewer, 'maxNumbers')).toContain('owns 2 numbers and keeps them');
    const limited = await preview(pool, { maxSpendPerDay: 100, currency: 'INR' });
    expect(effectOf(limited, 'maxSpendPerDay')).toContain('100 INR are left');
  });

  it('has words for every field of a policy, also for one that follows from another', async () => {
    const pool = await maskline.pool();
    const changes: Record<string, unknown> = {
      ...{ capacity: 2, channelsPerNumber: 30, leadTimeSeconds: 60, lowWater: 1, target: 2, maxNumbers: 3 },
      ...{ giveBackAfterSeconds: 86_400, buying: 'off', unknownNumbers: 'report', numberType: 'mobile' },
      ...{ alternativeProvider: 'twilio', maxSpendPerDay: 1, maxSpendPerMonth: 2, maxRent: 1, currency: 'INR' },
      ...{ graceSeconds: 60, cancelGraceSeconds: 60, quarantineSeconds: 3_600, lifetimeSeconds: 3_600 },
      ...{ decideWithoutDatabaseSeconds: 0, assignNumbers: 'when-one-known', links: [['sender', 'courier']] },
      ...{ textsKeptSeconds: 60, pin: 'always', claimByPin: true, direction: 'customer-to-agent' },
      ...{ maxCallSeconds: 60, maxRingSeconds: 30, maxCallsPerHour: 3, recordCalls: true, language: 'hi' },
      quietHours: { from: '22:00', until: '07:00', timeZone: 'Asia/Kolkata' },
    };
    const answer = await preview(pool, changes);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    const fields = answer.body.effects.map(({ field }: Body) => field);
    expect(fields).toEqual(Object.keys(changes).toSorted());
    const all = Object.keys(DEFAULT_POLICY).filter((field) => field !== 'texts'); // Exotel forwards none in India
    expect(fields).toEqual(all.toSorted());
    for (const { effect } of answer.body.effects) expect(effect).toMatch(/^[A-Z].{20,}\.$/);
    expect(JSON.stringify(answer.body.effects)).not.toMatch(/null|undefined|NaN|\[object/);

    const following = await preview(pool, { quarantineSeconds: 60 });
    expect(following.body.effects.map(({ field }: Body) => field)).toEqual([
      'decideWithoutDatabaseSeconds',
      'quarantineSeconds',
    ]);
    expect((await preview(pool, {})).body.effects).toEqual([]);
  });

  it('refuses what a change refuses', async () => {
    const pool = await maskline.pool();
    for (const change of [
      { lowWater: 30, target: 20 },
      { capacity: 0 },
      { texts: 'on' },
      { alternativeProvider: 'exotel' },
      { alternativeProvider: 'nobody' },
      { quietHours: { from: '22:00', until: '22:00', timeZone: 'Asia/Kolkata' } },
    ]) {
      const [tried, made] = [await preview(pool, change), await maskline.api('PATCH', `/v1/pools/${pool}`, change)];
      const { requestId: _, ...told } = tried.body;
      const { requestId: __, ...same } = made.body;
      expect([change, tried.status, told]).toEqual([change, made.status, same]);
      expect(tried.status).toBeGreaterThanOrEqual(400);
    }
    expect((await preview('no-pool', {})).body.type).toBe('/problems/pool-not-found');
  });
});
