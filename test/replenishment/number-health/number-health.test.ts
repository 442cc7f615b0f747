import { randomUUID } from 'node:crypto';

import { mayRest, sickBecause } from '../../../src/replenishment/number-health/number-health.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

const healthy = { calls: 1_000, answered: 800, short: 40, failed: 20 };

describe('a number is sick', () => {
  const judge = (but: Partial<typeof healthy>) =>
    sickBecause({ calls: 40, answered: 32, short: 2, failed: 1, ...but }, healthy);

  it('when it is answered, fails or is hung up on far more often than chance lets the rest of its pool', () => {
    expect(judge({})).toBeNull();
    expect(judge({ answered: 10 })).toBe("25 % of its calls are answered, 80 % of the pool's.");
    expect(judge({ failed: 12 })).toContain('fail');
    expect(judge({ short: 20 })).toContain('over at once');
  });

  it('not for a handful of calls, nor beside a pool that has none, nor for what a bad day explains', () => {
    expect(judge({ calls: 19, answered: 0 })).toBeNull();
    expect(judge({ calls: 20, answered: 0, short: 0 })).not.toBeNull();
    expect(sickBecause({ calls: 40, answered: 0, short: 0, failed: 40 }, { ...healthy, calls: 99 })).toBeNull();
    expect(judge({ answered: 24 })).toBeNull();
  });

  it('never so many that the pool would suffer', () => {
    expect([4, 5, 19, 20, 399].map(mayRest)).toEqual([0, 1, 1, 2, 39]);
  });
});

describe('the pool', () => {
  let maskline: TestApp;
  beforeEach(async () => {
    maskline = await TestApp.start();
  });
  afterEach(() => maskline.stop());

  async function calls(number: string, count: number, outcome: string, talkSeconds = 60): Promise<void> {
    const order = (await maskline.order(randomUUID(), aPhone())).reference as string;
    await maskline.dataSource.query(
      `INSERT INTO interactions (provider, provider_call_id, at, order_id, virtual_number, decision, reason, outcome, talk_seconds, ended_at)
       SELECT 'exotel', gen_random_uuid(), $4, orders.id, $1, 'connect', 'CONNECTED', $2, $5, $4
       FROM orders, generate_series(1, $3) WHERE orders.reference = $6`,
      [number, outcome, count, maskline.clock.now(), talkSeconds, order],
    );
  }
  async function aPoolWithASickNumber(): Promise<{ pool: string; sick: string; well: string[] }> {
    const [sick, ...well] = numbers(6) as [string, ...string[]];
    const pool = await maskline.pool({}, [sick, ...well]);
    for (const number of well) await calls(number, 30, 'completed');
    await calls(sick, 3, 'completed');
    await calls(sick, 27, 'no-answer');
    return { pool, sick, well };
  }
  const status = async (number: string) => (await maskline.api('GET', `/v1/numbers/${number}/health`)).body;

  it('puts it to rest, says so once, and tells why', async () => {
    const { pool, sick, well } = await aPoolWithASickNumber();
    expect(await maskline.replenish(pool)).toMatchObject({ rested: 1 });
    expect(await status(sick)).toMatchObject({
      status: 'resting',
      calls: { calls: 30, answered: 3 },
      pool: { calls: 150, answered: 150 },
      restedBecause: "10 % of its calls are answered, 100 % of the pool's.",
      overruledUntil: null,
    });
    expect(await status(well[0]!)).toMatchObject({ status: 'available', sickBecause: null, restedBecause: null });
    const all = (await maskline.api('GET', `/v1/pools/${pool}/number-health`)).body.numbers as { number: string }[];
    expect(all.map(({ number }) => number)).toEqual([sick, ...well].toSorted());
    for (const one of all) expect(one).toEqual(await status(one.number));
    maskline.clock.push({ minutes: 6 });
    expect(await maskline.replenish(pool)).toMatchObject({ rested: 0 });
    expect(await maskline.count('supply_events', `kind = 'number.sick'`)).toBe(1);
    const metrics = await maskline.api('GET', '/metrics');
    expect(metrics.text).toContain(`maskline_numbers_rested_total{pool="${pool}"} 1`);
  });

  it('goes on serving what it holds with it', async () => {
    const { pool, sick } = await aPoolWithASickNumber();
    const [customer, agent] = [aPhone(), aPhone()];
    await maskline.dataSource.query(`UPDATE virtual_numbers SET last_assigned_at = now() WHERE number <> $1`, [sick]);
    const order = await maskline.order('held', customer, agent, { pool });
    expect([order.customer.dials, order.agent.dials]).toContain(sick);
    await maskline.replenish(pool);
    expect((await maskline.call(customer, order.customer.dials)).rings).toEqual([agent]);
    expect((await maskline.call(agent, order.agent.dials)).rings).toEqual([customer]);
  });

  it('tries it again when it has rested for three days, and lets it rest again if it is still sick', async () => {
    const { pool, sick, well } = await aPoolWithASickNumber();
    await maskline.replenish(pool);
    const { restsUntil } = await status(sick);
    expect(Date.parse(restsUntil) - maskline.clock.now().getTime()).toBe(3 * 86_400_000);
    maskline.clock.push({ days: 2, hours: 23 });
    await maskline.replenish(pool);
    expect(await status(sick)).toMatchObject({ status: 'resting' });
    maskline.clock.push({ hours: 1 });
    await maskline.replenish(pool);
    expect(await status(sick)).toMatchObject({ status: 'available', restedBecause: null, restsUntil: null });
    expect(await maskline.count('supply_events', `kind = 'number.woken'`)).toBe(1);

    for (const number of well) await calls(number, 30, 'completed');
    await calls(sick, 30, 'no-answer');
    maskline.clock.push({ minutes: 6 });
    expect(await maskline.replenish(pool)).toMatchObject({ rested: 1 });
    expect(await status(sick)).toMatchObject({ status: 'resting' });
  });

  it('listens to a person: a resumed number is left in peace for a week, whatever its calls are like', async () => {
    const { pool, sick } = await aPoolWithASickNumber();
    await maskline.replenish(pool);
    expect((await maskline.api('POST', `/v1/numbers/${sick}/resume`)).body.status).toBe('available');
    maskline.clock.push({ minutes: 6 });
    expect(await maskline.replenish(pool)).toMatchObject({ rested: 0 });
    expect(await status(sick)).toMatchObject({
      status: 'available',
      sickBecause: expect.any(String),
      restedBecause: null,
    });
    maskline.clock.push({ days: 7 });
    await calls(sick, 30, 'no-answer');
    await maskline.dataSource.query(`UPDATE interactions SET at = $1`, [maskline.clock.now()]);
    expect(await maskline.replenish(pool)).toMatchObject({ rested: 1 });
  });

  it('rests no more than a tenth of itself, however many are sick', async () => {
    const all = numbers(12);
    const pool = await maskline.pool({}, all);
    for (const number of all.slice(4)) await calls(number, 30, 'completed');
    for (const number of all.slice(0, 4)) await calls(number, 30, 'failed', 0);
    await maskline.replenish(pool);
    maskline.clock.push({ minutes: 6 });
    await maskline.replenish(pool);
    expect(await maskline.count('virtual_numbers', `status = 'resting'`)).toBe(1);
  });

  it('forgets calls of more than a day ago', async () => {
    const { pool } = await aPoolWithASickNumber();
    maskline.clock.push({ hours: 25 });
    expect(await maskline.replenish(pool)).toMatchObject({ rested: 0 });
  });

  it('is asked of a number that is ours', async () => {
    expect((await maskline.api('GET', '/v1/numbers/+918047099999/health')).status).toBe(404);
  });
});
