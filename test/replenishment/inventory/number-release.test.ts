import { DemandRollupService } from '../../../src/replenishment/forecast/demand-rollup.service.js';
import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { aNumber, aPhone, numbers, TestApp } from '../../support/app.js';
import { pastOrders } from '../../support/past-orders.js';

let maskline: TestApp;
beforeEach(async () => {
  maskline = await TestApp.start();
});
afterEach(() => maskline.stop());

const DAY = 86_400;
const HOUR = { quarantineSeconds: 3_600 };

interface AtTheExchange {
  readonly numbers: { readonly phone_number: string }[];
  readonly spent: Record<string, number>;
}
const atTheExchange = async () =>
  (await (await fetch(`${maskline.exchange.url}/exchange/numbers`)).json()) as AtTheExchange;
const faults = (...list: object[]) =>
  fetch(`${maskline.exchange.url}/exchange/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });
const statuses = async (pool: string) =>
  (await maskline.api('GET', `/v1/pools/${pool}`)).body.level.numbers as Record<string, number>;

/** A pool that has bought twelve numbers and whose last nine days had one short order a quarter hour: six are enough. */
async function tooLarge(policy: object = {}): Promise<string> {
  const pool = await maskline.pool({ ...HOUR, lowWater: 12, target: 12, maxNumbers: 30, ...policy });
  await maskline.replenish(pool);
  await pastOrders(maskline, pool, { days: 9, each: 1, heldMinutes: 5 });
  for (let round = 0; round < 2; round += 1)
    await maskline.get(DemandRollupService).rollUp(await maskline.get(PoolsService).byName(pool));
  await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: 2, target: 2, giveBackAfterSeconds: DAY });
  maskline.clock.push({ seconds: 30 });
  return pool;
}
const needed = async (pool: string) => (await maskline.api('GET', `/v1/pools/${pool}/forecast`)).body.hardest.numbers;

describe('surplus', () => {
  it('drains, rests through the quarantine, and goes back to the provider, once and for good', async () => {
    const pool = await tooLarge();
    const keep = await needed(pool);
    expect(keep).toBeLessThan(10);
    const before = await atTheExchange();

    await maskline.replenish(pool);
    expect(await statuses(pool)).toMatchObject({ available: keep, draining: 12 - keep, retired: 0 });
    maskline.clock.push({ minutes: 59 });
    await maskline.replenish(pool);
    expect(await statuses(pool)).toMatchObject({ draining: 12 - keep, retired: 0 });

    maskline.clock.push({ minutes: 2 });
    await maskline.replenish(pool); // retires
    await maskline.replenish(pool); // tells the provider
    expect(await statuses(pool)).toMatchObject({ available: keep, draining: 0, retired: 12 - keep });
    const after = await atTheExchange();
    expect(after.numbers).toHaveLength(keep);
    expect(after.spent).toEqual(before.spent);
    expect(await maskline.count('virtual_numbers', `giving_back = 'released'`)).toBe(12 - keep);
    expect(await maskline.count('supply_events', `kind = 'number.given-back'`)).toBe(1);

    for (let round = 0; round < 3; round += 1) {
      expect(await maskline.replenish(pool)).toMatchObject({ imported: 0, bought: 0, retired: 0 });
    }
    expect(await maskline.count('supply_events', `kind IN ('number.lost', 'number.unknown')`)).toBe(0);
  });

  it('goes back although a link elsewhere waits for its other side, and shows nobody a number yet', async () => {
    const other = await maskline.pool({ assignNumbers: 'when-one-known' }, numbers(2));
    const { customer } = await maskline.order('early', aPhone(), undefined, { pool: other });
    expect(customer.dials).toMatch(/^\+/);
    const pool = await tooLarge();
    await maskline.replenish(pool);
    const { draining } = await statuses(pool);
    expect(draining).toBeGreaterThan(0);
    maskline.clock.push({ minutes: 61 });
    await maskline.replenish(pool);
    expect(await statuses(pool)).toMatchObject({ draining: 0, retired: draining });
  });

  it('stays where nothing is said of giving back', async () => {
    const pool = await tooLarge();
    await maskline.api('PATCH', `/v1/pools/${pool}`, { giveBackAfterSeconds: null });
    await maskline.replenish(pool);
    expect(await statuses(pool)).toMatchObject({ available: 12, draining: 0 });
  });

  it('stays while less than a week is known of the pool', async () => {
    const pool = await maskline.pool({ lowWater: 6, target: 6, maxNumbers: 30 });
    await maskline.replenish(pool);
    await pastOrders(maskline, pool, { days: 6, each: 1, heldMinutes: 5 });
    await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: 0, target: 0, giveBackAfterSeconds: DAY });
    await maskline.replenish(pool);
    expect(await statuses(pool)).toMatchObject({ available: 6, draining: 0 });
  });

  it('takes orders again when it is needed after all, before anything is bought, and when giving back is switched off', async () => {
    const pool = await tooLarge();
    await maskline.replenish(pool);
    const { draining, available } = await statuses(pool);
    await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: available! + 1, target: available! + 1 });
    expect(await maskline.replenish(pool)).toMatchObject({ takenBack: 1, bought: 0 });
    expect(await statuses(pool)).toMatchObject({ draining: draining! - 1 });
    await maskline.api('PATCH', `/v1/pools/${pool}`, { giveBackAfterSeconds: null });
    expect(await maskline.replenish(pool)).toMatchObject({ takenBack: draining! - 1, bought: 0 });
    expect(await maskline.count('virtual_numbers', 'giving_back IS NOT NULL')).toBe(0);
  });

  it('is not what an order holds, or a pair rests on, however long it drains', async () => {
    const pool = await tooLarge();
    const { customer, agent } = await maskline.order('one', aPhone(), aPhone(), { pool });
    const held = [customer.dials, agent.dials];
    await maskline.replenish(pool);
    const leave = (numbers: readonly string[]) =>
      maskline.dataSource.query(
        `UPDATE virtual_numbers SET status = 'draining', giving_back = 'draining', giving_back_since = $2
         WHERE number = ANY($1)`,
        [numbers, new Date(0)],
      );
    await leave(held);
    const retired = () => maskline.count('virtual_numbers', `status = 'retired' AND number IN ('${held.join(`','`)}')`);
    await maskline.replenish(pool);
    expect(await retired()).toBe(0); // held
    await maskline.api('POST', '/v1/orders/one/complete');
    await maskline.pass({ minutes: 31 });
    await leave(held);
    await maskline.replenish(pool);
    expect(await retired()).toBe(0); // its pairs rest
    await expect(
      maskline.dataSource.query(`UPDATE virtual_numbers SET status = 'retired' WHERE number = $1`, [held[0]]),
    ).rejects.toMatchObject({ driverError: { constraint: 'nobody_may_dial_a_retired_number' } });
    await maskline.pass({ minutes: 61 });
    await leave(held);
    await maskline.replenish(pool);
    expect(await retired()).toBe(2);
  });
});

describe('a provider that fails while a number is given back', () => {
  /** A pool whose surplus is retired, with the provider still to be told. */
  async function aboutToLeave(): Promise<{ pool: string; leaving: number }> {
    const pool = await tooLarge();
    await maskline.replenish(pool);
    const { draining } = await statuses(pool);
    maskline.clock.push({ minutes: 61 });
    await maskline.replenish(pool);
    return { pool, leaving: draining! };
  }

  it.each([
    ['before it hears of it', { api: 'release', kind: 'cut', times: 1 }],
    ['after doing it', { api: 'release', kind: 'hang-after-doing', times: 1 }],
    ['with a 500', { api: 'release', kind: 'status', status: 500, times: 1 }],
  ])('%s is told again: each number leaves once, and none is lost or bought back', async (_, fault) => {
    const { pool, leaving } = await aboutToLeave();
    const { spent } = await atTheExchange();
    await faults(fault);
    await maskline.replenish(pool).catch(() => undefined);
    await faults();
    maskline.clock.push({ minutes: 20 });
    await maskline.replenish(pool);
    const left = await atTheExchange();
    expect(left.numbers).toHaveLength(12 - leaving);
    expect(left.spent).toEqual(spent);
    expect(await maskline.count('virtual_numbers', `giving_back = 'released' AND status = 'retired'`)).toBe(leaving);
    expect(await maskline.count('virtual_numbers', `giving_back = 'releasing'`)).toBe(0);
  });

  it('cannot have the number come back to life meanwhile, by import or by any status', async () => {
    const { pool } = await aboutToLeave();
    const [{ number }] = await maskline.dataSource.query(
      `SELECT number FROM virtual_numbers WHERE giving_back = 'releasing' LIMIT 1`,
    );
    await maskline.api('POST', '/v1/numbers/import', { pool, numbers: [{ number }] });
    expect(await maskline.count('virtual_numbers', `number = '${number}' AND status = 'retired'`)).toBe(1);
    await expect(
      maskline.dataSource.query(`UPDATE virtual_numbers SET status = 'available' WHERE number = $1`, [number]),
    ).rejects.toMatchObject({ driverError: { constraint: 'a_number_being_released_stays_retired' } });
    await maskline.replenish(pool);
    await maskline.api('POST', '/v1/numbers/import', { pool, numbers: [{ number }] }); // by then it was released
    expect(await maskline.count('virtual_numbers', `number = '${number}' AND giving_back IS NULL`)).toBe(1);
  });
});

it('a number that somebody drains by hand is not given back', async () => {
  const number = aNumber();
  const pool = await maskline.pool({ ...HOUR, giveBackAfterSeconds: DAY }, [number]);
  await maskline.api('POST', `/v1/numbers/${number}/drain`);
  maskline.clock.push({ days: 3 });
  await maskline.replenish(pool);
  expect(await statuses(pool)).toMatchObject({ draining: 1 });
});
