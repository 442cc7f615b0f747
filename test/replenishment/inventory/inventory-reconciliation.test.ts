import { aPhone, numbers, TestApp } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';
import { ProviderAccount } from '../../support/provider-account.js';

let maskline: TestApp;
let account: ProviderAccount;
beforeEach(async () => {
  maskline = await TestApp.start();
  account = new ProviderAccount(maskline);
});
afterEach(() => maskline.stop());

const statusOf = async (number: string) =>
  (await maskline.dataSource.query('SELECT status FROM virtual_numbers WHERE number = $1', [number]))[0].status;
const supplyEvents = async (pool: string) =>
  (await maskline.api('GET', `/v1/pools/${pool}/events`)).body.events as { kind: string; detail: string }[];
const kinds = async (pool: string) => (await supplyEvents(pool)).map(({ kind }) => kind);
const orderEvents = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/events`)).body.events.map(({ kind }: { kind: string }) => kind);

/** A number is sold, the answer is lost, and the list that would tell is not to be had in that round. */
const SOLD_AND_UNKNOWN = [
  { api: 'buy', kind: 'hang-after-doing', times: 1 },
  { api: 'list', kind: 'status', status: 500, every: 2, times: 1 },
];

describe('a number that the provider has taken back', () => {
  it('is suspended, and its live order gets another one: the old pair rests, the other side’s call shows the new one', async () => {
    const pool = await maskline.pool({ lowWater: 4, target: 4, maxNumbers: 8 });
    await maskline.replenish(pool);
    const [customer, agent] = [aPhone(), aPhone()];
    const before = await maskline.order('live', customer, agent, { pool });
    await maskline.replenish(pool); // the lists have had all of them
    await account.takeAway(before.customer.dials);
    await maskline.replenish(pool);

    expect(await statusOf(before.customer.dials)).toBe('suspended');
    const after = (await maskline.api('GET', '/v1/orders/live')).body;
    expect(after).toMatchObject({ status: 'active', agent: { dials: before.agent.dials } });
    expect(after.customer.dials).not.toBe(before.customer.dials);
    expect(await orderEvents('live')).toEqual(['order.placed', 'order.agent-assigned', 'order.numbers-changed']);
    expect(await kinds(pool)).toContain('number.lost');
    const back = await maskline.call(agent, after.agent.dials);
    expect([back.rings, back.shows]).toEqual([[customer], after.customer.dials]);
    expect((await maskline.call(customer, after.customer.dials)).rings).toEqual([agent]);
    expect((await maskline.call(customer, before.customer.dials)).rings).toEqual([]);
    await expectConservedNumbers(maskline.dataSource);
  });

  it('keeps the other phones of whoever is moved: they reach, by the new number, and the old one leads nowhere', async () => {
    const pool = await maskline.pool({ lowWater: 4, target: 4, maxNumbers: 8 });
    await maskline.replenish(pool);
    const [customer, another, agent, agents] = [aPhone(), aPhone(), aPhone(), aPhone()];
    const before = await maskline.order('phones', customer, agent, { pool });
    const declare = (role: string, phone: string) =>
      maskline.api('POST', `/v1/orders/phones/participants/${role}/phones`, { phone });
    expect([(await declare('customer', another)).status, (await declare('agent', agents)).status]).toEqual([200, 200]);
    await maskline.replenish(pool);
    await account.takeAway(before.customer.dials);
    await maskline.replenish(pool);
    const after = (await maskline.api('GET', '/v1/orders/phones')).body;
    for (const phone of [customer, another]) {
      expect(await maskline.call(phone, after.customer.dials)).toMatchObject({
        rings: [agent],
        shows: after.agent.dials,
      });
      expect((await maskline.call(phone, before.customer.dials)).rings).toEqual([]);
    }
    for (const phone of [agent, agents])
      expect(await maskline.call(phone, after.agent.dials)).toMatchObject({
        rings: [customer],
        shows: after.customer.dials,
      });
    await expectConservedNumbers(maskline.dataSource);
  });

  it('that served both sides of one order is replaced for both', async () => {
    const pool = await maskline.pool({ lowWater: 0, target: 0, maxNumbers: 1 });
    const [customer, agent] = [aPhone(), aPhone()];
    await maskline.order('both', customer, agent, { pool });
    await maskline.replenish(pool);
    const before = (await maskline.api('GET', '/v1/orders/both')).body;
    expect(before.customer.dials).toBe(before.agent.dials);
    await maskline.replenish(pool);
    await maskline.api('PATCH', `/v1/pools/${pool}`, { maxNumbers: 5, target: 2, lowWater: 2 });
    await account.takeAway(before.customer.dials);
    await maskline.replenish(pool); // nothing to move to yet: bought in this round
    await maskline.replenish(pool);
    const after = (await maskline.api('GET', '/v1/orders/both')).body;
    expect(new Set([after.customer.dials, after.agent.dials, before.agent.dials]).size).toBe(3);
    expect((await maskline.call(agent, after.agent.dials)).rings).toEqual([customer]);
    expect((await maskline.call(customer, after.customer.dials)).rings).toEqual([agent]);
    await expectConservedNumbers(maskline.dataSource);
  });

  it('keeps an order in grace reachable, and no longer than its grace', async () => {
    const pool = await maskline.pool({ lowWater: 4, target: 4, maxNumbers: 8, graceSeconds: 600 });
    await maskline.replenish(pool);
    const [customer, agent] = [aPhone(), aPhone()];
    const before = await maskline.order('done', customer, agent, { pool });
    await maskline.api('POST', '/v1/orders/done/complete');
    await maskline.replenish(pool);
    await account.takeAway(before.agent.dials);
    await maskline.replenish(pool);
    const after = (await maskline.api('GET', '/v1/orders/done')).body;
    expect(after.status).toBe('closing');
    expect((await maskline.call(agent, after.agent.dials)).rings).toEqual([customer]);
    await maskline.pass({ minutes: 11 });
    expect((await maskline.call(agent, after.agent.dials)).rings).toEqual([]);
    await maskline.pass({ days: 2 });
    await expectConservedNumbers(maskline.dataSource);
    expect(await maskline.count('assignments')).toBe(0);
  });

  it('comes back into service when the provider has it again', async () => {
    await maskline.stop();
    maskline = await TestApp.start({ exchange: { owned: ['+918040000001'] } });
    account = new ProviderAccount(maskline);
    const pool = await maskline.pool({ lowWater: 0, target: 0, maxNumbers: 3 });
    await maskline.replenish(pool);
    await maskline.dataSource.query(`UPDATE virtual_numbers SET status = 'suspended'`);
    await maskline.replenish(pool);
    await maskline.dataSource.query(`UPDATE number_checks SET lost_at = $1`, [maskline.clock.now()]);
    expect(await statusOf('+918040000001')).toBe('suspended');
    await maskline.replenish(pool);
    expect(await statusOf('+918040000001')).toBe('available');
    expect(await kinds(pool)).toContain('number.back');
  });
});

describe('a number is not taken for lost', () => {
  it('because a list lies: it is asked for by itself', async () => {
    const pool = await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2 });
    await maskline.replenish(pool);
    await maskline.replenish(pool);
    await account.faults({ api: 'list', kind: 'empty', times: 1 });
    await maskline.replenish(pool);
    expect((await maskline.api('GET', `/v1/pools/${pool}`)).body.level).toMatchObject({ assignable: 2 });
    expect(await kinds(pool)).not.toContain('number.lost');
  });

  it('where no list ever had it: it is an operator’s word', async () => {
    const pool = await maskline.pool({ maxNumbers: 0 }, numbers(2));
    await maskline.replenish(pool);
    expect((await maskline.api('GET', `/v1/pools/${pool}`)).body.level).toMatchObject({ assignable: 2 });
  });
});

describe('a list that lacks many numbers', () => {
  const LIES = [
    { api: 'list', kind: 'empty' },
    { api: 'get', kind: 'empty' },
  ];
  /** A pool of so many, all of which the provider has listed before, and a live order. */
  async function aKnownPool(count = 6) {
    const pool = await maskline.pool({ lowWater: count, target: count, maxNumbers: 2 * count });
    await maskline.replenish(pool);
    const [customer, agent] = [aPhone(), aPhone()];
    const order = await maskline.order('live', customer, agent, { pool });
    await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: 0, target: 0 });
    await maskline.replenish(pool);
    return { pool, customer, agent, order };
  }
  const statuses = async () =>
    maskline.dataSource.query(`SELECT status, count(*)::integer AS numbers FROM virtual_numbers GROUP BY status`);
  const numbersNow = async () => (await maskline.api('GET', '/v1/orders/live')).body;

  it('is not believed, even where the provider denies each of them too: nothing is suspended, no order moved', async () => {
    const { pool, customer, agent, order } = await aKnownPool();
    await account.faults(...LIES);
    for (let round = 0; round < 9; round += 1) {
      await maskline.replenish(pool);
      maskline.clock.push({ minutes: 1 });
    }
    expect(await statuses()).toEqual([{ status: 'available', numbers: 6 }]);
    expect(await numbersNow()).toMatchObject({ customer: order.customer, agent: order.agent });
    expect((await maskline.call(customer, order.customer.dials)).rings).toEqual([agent]);
    expect((await kinds(pool)).filter((kind) => kind === 'list.doubted')).toHaveLength(1);

    await account.faults();
    await maskline.replenish(pool);
    maskline.clock.push({ minutes: 9 });
    await account.faults(...LIES);
    await maskline.replenish(pool); // another time: it begins anew
    expect(await statuses()).toEqual([{ status: 'available', numbers: 6 }]);
    expect((await kinds(pool)).filter((kind) => kind === 'list.doubted')).toHaveLength(2);
    expect(await kinds(pool)).not.toContain('number.lost');
  });

  it('is believed when it has said so for ten minutes', async () => {
    const { pool } = await aKnownPool();
    await account.faults(...LIES);
    await maskline.replenish(pool);
    maskline.clock.push({ minutes: 10 });
    await maskline.replenish(pool);
    expect(await statuses()).toEqual([{ status: 'suspended', numbers: 6 }]);
    await account.faults();
    await maskline.replenish(pool);
    expect(await statuses()).toEqual([{ status: 'available', numbers: 6 }]);
  });

  it('counts over all pools of the provider', async () => {
    const { pool } = await aKnownPool(1);
    const other = await maskline.pool({ lowWater: 1, target: 1, maxNumbers: 1 });
    await maskline.replenish(other);
    await maskline.replenish(other);
    await account.faults(...LIES);
    await maskline.replenish(pool);
    expect(await statuses()).toEqual([{ status: 'available', numbers: 2 }]);
  });

  it('does not make us give a purchase up, and buy again, whose answer never came', async () => {
    const { pool } = await aKnownPool();
    await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: 5, target: 5 });
    await account.faults(...SOLD_AND_UNKNOWN);
    await expect(maskline.replenish(pool)).rejects.toThrow();
    await account.faults({ api: 'list', kind: 'empty' });
    for (let round = 0; round < 6; round += 1) {
      maskline.clock.push({ minutes: 1 });
      await maskline.replenish(pool);
    }
    expect(await maskline.count('number_purchases', `state = 'ordered'`)).toBe(1);
    await account.faults();
    await maskline.replenish(pool);
    const { numbers: owned, spent } = await account.inventory();
    expect(owned).toHaveLength(7);
    expect(await maskline.count('virtual_numbers')).toBe(7);
    const rents = owned.reduce((sum, one) => sum + Number(one.rental_price), 0);
    expect(Object.values(spent).reduce((sum, one) => sum + one, 0)).toBeCloseTo(rents);
    expect(await maskline.count('number_purchases', `state = 'failed'`)).toBe(0);
  });
});

it('a number that is denied just after a call came through it serves on until none does', async () => {
  const pool = await maskline.pool({ lowWater: 4, target: 4, maxNumbers: 8 });
  await maskline.replenish(pool);
  const [customer, agent] = [aPhone(), aPhone()];
  const order = await maskline.order('calls', customer, agent, { pool });
  await maskline.replenish(pool);
  await maskline.call(customer, order.customer.dials);
  await account.takeAway(order.customer.dials);
  await maskline.replenish(pool);
  expect(await statusOf(order.customer.dials)).toBe('available');
  expect(await kinds(pool)).toEqual(expect.arrayContaining(['list.doubted']));
  maskline.clock.push({ minutes: 16 });
  await maskline.replenish(pool);
  expect(await statusOf(order.customer.dials)).toBe('suspended');
});

describe('a number whose calls go elsewhere', () => {
  it('is pointed at us again, and that is read back', async () => {
    const pool = await maskline.pool({ lowWater: 1, target: 1, maxNumbers: 1 });
    await maskline.replenish(pool);
    await maskline.replenish(pool);
    const number = (await account.inventory()).numbers[0]!.phone_number;
    await account.pointElsewhere(number);
    maskline.clock.push({ hours: 2 });
    await maskline.replenish(pool);
    expect((await account.inventory()).numbers[0]!.voice_url).toContain('/700001');
    expect(await kinds(pool)).toEqual(expect.arrayContaining(['number.pointed-at-us-again']));
    expect(await statusOf(number)).toBe('available');
  });
});

describe('a number that no pool has', () => {
  it('is reported once and left alone where the pool only reports', async () => {
    await maskline.stop();
    maskline = await TestApp.start({ exchange: { owned: ['+918040000001'] } });
    const pool = await maskline.pool({ maxNumbers: 5, unknownNumbers: 'report' });
    await maskline.replenish(pool);
    await maskline.replenish(pool);
    expect(await kinds(pool)).toEqual(['number.unknown']);
    expect(await maskline.count('virtual_numbers')).toBe(0);
  });

  it('is not taken in while another pool is buying it', async () => {
    const [buying, other] = [await maskline.pool({ lowWater: 1, target: 1, maxNumbers: 1 }), await maskline.pool()];
    await account.faults(...SOLD_AND_UNKNOWN);
    await expect(maskline.replenish(buying)).rejects.toThrow();
    expect((await account.inventory()).numbers).toHaveLength(1);
    expect(await maskline.replenish(other)).toMatchObject({ imported: 0 });
    await maskline.replenish(buying);
    expect((await maskline.api('GET', `/v1/pools/${buying}`)).body.level).toMatchObject({ assignable: 1 });
  });
});

it('two pools that want the same shelf at once both get their numbers', async () => {
  const marks = { lowWater: 3, target: 3, maxNumbers: 3 };
  const pools = [await maskline.pool(marks), await maskline.pool(marks)];
  await account.faults({ api: 'buy', kind: 'slow', ms: 30 });
  const rounds = await Promise.all(pools.map((pool) => maskline.replenish(pool)));
  expect(rounds).toEqual([expect.objectContaining({ bought: 3 }), expect.objectContaining({ bought: 3 })]);
  expect((await account.inventory()).numbers).toHaveLength(6);
});
