import { PoolsService } from '../../../src/virtual-numbers/pools/pools.service.js';
import { TaskInProgress } from '../../../src/platform/database/advisory-lock.js';
import { aPhone, TestApp } from '../../support/app.js';

let maskline: TestApp;
beforeEach(async () => {
  maskline = await TestApp.start();
});
afterEach(() => maskline.stop());

interface Inventory {
  numbers: { phone_number: string; voice_url: string | null; sid: string; rental_price: string }[];
  spent: Record<string, number>;
}

const atTheExchange = async (): Promise<Inventory> =>
  (await (await fetch(`${maskline.exchange.url}/exchange/numbers`)).json()) as Inventory;

const faults = async (...list: object[]) => {
  const answer = await fetch(`${maskline.exchange.url}/exchange/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });
  if (!answer.ok) throw new Error(await answer.text());
};

const asTheAccount = async (path: string, form?: Record<string, string>) =>
  fetch(`${maskline.exchange.url}/v2_beta/Accounts/acme1/${path}`, {
    method: form ? 'POST' : 'GET',
    headers: { authorization: `Basic ${Buffer.from('key:token').toString('base64')}` },
    body: form && new URLSearchParams(form),
  });

const level = async (pool: string) => (await maskline.api('GET', `/v1/pools/${pool}`)).body.level;
const purchases = async () =>
  maskline.dataSource.query('SELECT state, number, reason FROM number_purchases ORDER BY ordered_at, number');

/** Money spent equals numbers owned, each of them once in the inventory. */
const expectNothingLostOrDoubled = async () => {
  const { numbers, spent } = await atTheExchange();
  const [{ held }] = await maskline.dataSource.query(
    `SELECT array_agg(number ORDER BY number) AS held FROM virtual_numbers`,
  );
  expect(held ?? []).toEqual(numbers.map((one) => one.phone_number).sort());
  const rents = numbers.reduce((sum, one) => sum + Number(one.rental_price), 0);
  expect(Object.values(spent).reduce((sum, one) => sum + one, 0)).toBeCloseTo(rents);
};

describe('a round', () => {
  it('buys up to the target when the pool is below its low-water mark, and points every number at us first', async () => {
    const pool = await maskline.pool({ lowWater: 3, target: 5, maxNumbers: 10 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 5, imported: 0 });
    expect(await level(pool)).toMatchObject({ assignable: 5, numbers: { available: 5, provisioning: 0 } });
    const { numbers } = await atTheExchange();
    expect(numbers).toHaveLength(5);
    for (const one of numbers) expect(one.voice_url).toContain('/exoml/start_voice/700001');
    expect((await purchases()).map(({ state }: { state: string }) => state)).toEqual(Array(5).fill('available'));
    await expectNothingLostOrDoubled();
  });

  it('buys nothing while the level is at or above the mark, and nothing when run again', async () => {
    const pool = await maskline.pool({ lowWater: 2, target: 4, maxNumbers: 10 });
    await maskline.replenish(pool);
    for (const [customer, agent] of [[aPhone(), aPhone()]] as const)
      await maskline.order('one', customer, agent, { pool });
    expect(await level(pool)).toMatchObject({ assignable: 2 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 0 });
    expect((await atTheExchange()).numbers).toHaveLength(4);
  });

  it('never owns more than the pool’s limit', async () => {
    const pool = await maskline.pool({ lowWater: 5, target: 20, maxNumbers: 7 });
    await maskline.replenish(pool);
    await maskline.replenish(pool);
    expect((await level(pool)).numbers.available).toBe(7);
    expect((await atTheExchange()).numbers).toHaveLength(7);
  });

  it('buys in the pool’s region', async () => {
    const pool = await maskline.pool({ region: 'MH', lowWater: 1, target: 1, maxNumbers: 1 });
    await maskline.replenish(pool);
    expect((await atTheExchange()).numbers).toMatchObject([{ region: 'MH' }]);
  });

  it('gives numbers to the orders that wait, oldest first, and buys what they need', async () => {
    const pool = await maskline.pool({ lowWater: 0, target: 0, maxNumbers: 3 });
    for (const reference of ['first', 'second']) {
      expect((await maskline.order(reference, aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
      maskline.clock.push({ seconds: 1 });
    }
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 3, finished: 2 });
    const statusOf = async (reference: string) => (await maskline.api('GET', `/v1/orders/${reference}`)).body;
    const [first, second] = [await statusOf('first'), await statusOf('second')];
    expect(first.status).toBe('active');
    expect(first.customer.dials).not.toBe(first.agent.dials);
    expect(second.customer.dials).toBe(second.agent.dials); // one number was left: it serves both sides of one order
  });

  it('is the only one of its pool', async () => {
    const pool = await maskline.pool({ lowWater: 3, target: 5, maxNumbers: 10 });
    const { id } = await maskline.get(PoolsService).byName(pool);
    await faults({ api: 'list', kind: 'slow', ms: 300, times: 1 });
    const rounds = await Promise.allSettled([
      maskline.replenish(pool),
      maskline.replenish(pool),
      maskline.replenish(pool),
    ]);
    const refused = rounds.filter((round) => round.status === 'rejected');
    expect(refused.map((round) => round.reason)).toEqual([expect.any(TaskInProgress), expect.any(TaskInProgress)]);
    expect(refused[0]!.reason.message).toContain(id);
    expect((await atTheExchange()).numbers).toHaveLength(5);
  });
});

describe('numbers that the account already owns', () => {
  it('are taken in and pointed at us, as far as nothing else uses them', async () => {
    await maskline.stop();
    maskline = await TestApp.start({ exchange: { owned: ['+918040000001', '+918040000002'] } });
    const { numbers } = await atTheExchange();
    await asTheAccount('IncomingPhoneNumbers'); // the account as such answers
    const hotline = numbers.find((one) => one.phone_number === '+918040000002')!;
    await fetch(`${maskline.exchange.url}/v2_beta/Accounts/acme1/IncomingPhoneNumbers/${hotline.sid}`, {
      method: 'PUT',
      headers: { authorization: `Basic ${Buffer.from('key:token').toString('base64')}` },
      body: new URLSearchParams({ VoiceUrl: 'http://my.exotel.com/acme1/exoml/start_voice/911' }),
    });
    const pool = await maskline.pool({ lowWater: 0, target: 0, maxNumbers: 10 });
    expect(await maskline.replenish(pool)).toMatchObject({ imported: 1, configured: 1, bought: 0 });
    const { body } = await maskline.api('GET', `/v1/numbers?pool=${pool}`);
    expect(body.numbers).toMatchObject([{ number: '+918040000001', status: 'available' }]);
    expect((await atTheExchange()).numbers.find((one) => one.sid === hotline.sid)!.voice_url).toContain('/911');
  });

  it('are taken in only up to the limit, and count towards it', async () => {
    await maskline.stop();
    maskline = await TestApp.start({ exchange: { owned: ['+918040000001', '+918040000002', '+918040000003'] } });
    const pool = await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2 });
    expect(await maskline.replenish(pool)).toMatchObject({ imported: 2, bought: 0 });
    expect((await atTheExchange()).numbers).toHaveLength(3);
  });
});

describe('a provider in trouble', () => {
  const small = { lowWater: 2, target: 2, maxNumbers: 4 };

  it('that sells and never answers has its number found in its list, and is not asked twice', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'buy', kind: 'hang-after-doing', times: 1 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 2 });
    expect(await level(pool)).toMatchObject({ assignable: 2 });
    expect((await purchases()).map(({ state }: { state: string }) => state)).toEqual(['available', 'available']);
    await expectNothingLostOrDoubled();
  });

  it('that cut the line before selling is asked for the same number again, within the round', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'buy', kind: 'cut', times: 1 });
    expect(await maskline.replenish(pool)).toMatchObject({ bought: 2 });
    expect((await purchases()).map(({ state }: { state: string }) => state)).toEqual(['available', 'available']);
    await expectNothingLostOrDoubled();
  });

  it('that neither sells a number, nor lists it, nor sells it again loses us a purchase: it fails after a while and another is bought', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'buy', kind: 'cut', times: 1 }, { api: 'buy', kind: 'refuse', every: 3, times: 1 });
    await maskline.replenish(pool).catch(() => undefined);
    expect((await level(pool)).assignable).toBe(1); // the open purchase may still turn out to be a number
    maskline.clock.push({ minutes: 3 });
    for (let lists = 0; lists < 3; lists += 1) await maskline.replenish(pool); // so many are believed
    expect((await level(pool)).assignable).toBe(2);
    const states = (await purchases()).map(({ state }: { state: string }) => state).sort();
    expect(states).toEqual(['available', 'available', 'failed']);
    await expectNothingLostOrDoubled();
  });

  it('whose list lies for a moment does not make us buy again', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'buy', kind: 'hang-after-doing', times: 1 }, { api: 'list', kind: 'empty', times: 2 });
    await maskline.replenish(pool).catch(() => undefined); // the list says there is nothing: the purchase stays open, and counts
    expect((await purchases()).map(({ state }: { state: string }) => state).sort()).toEqual(['available', 'ordered']);
    await maskline.replenish(pool);
    expect((await level(pool)).assignable).toBe(2);
    await expectNothingLostOrDoubled();
  });

  it('that lists a number which another pool bought just before counts it for that pool only', async () => {
    const first = await maskline.pool({ ...small, lowWater: 1, target: 1 });
    await maskline.replenish(first);
    const second = await maskline.pool(small);
    await maskline.dataSource.query(
      `INSERT INTO number_purchases (pool_id, provider, number, state, rent, wanted_at, ordered_at)
       SELECT pool.id, purchase.provider, purchase.number, 'ordered', purchase.rent, $2, $2
       FROM number_purchases AS purchase, pools AS pool WHERE pool.name = $1`,
      [second, maskline.clock.now()],
    );
    await maskline.replenish(second);
    expect(await level(first)).toMatchObject({ assignable: 1, numbers: { available: 1 } });
    expect(await level(second)).toMatchObject({ assignable: 2, numbers: { available: 2 } });
    const states = (await purchases()).map(({ state }: { state: string }) => state).sort();
    expect(states).toEqual(['available', 'available', 'available', 'failed']);
    await expectNothingLostOrDoubled();
  });

  it('that sold a candidate to somebody else is asked for the next', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'buy', kind: 'refuse', times: 1 });
    await maskline.replenish(pool);
    expect((await level(pool)).assignable).toBe(2);
    expect((await purchases()).filter(({ state }: { state: string }) => state === 'failed')).toHaveLength(1);
    await expectNothingLostOrDoubled();
  });

  it.each([
    ['has no money of ours left', { api: 'buy', kind: 'status', status: 402 }],
    ['does not know our key', { api: 'any', kind: 'status', status: 401 }],
    ['has nothing on its shelf', { api: 'search', kind: 'empty' }],
    ['is broken', { api: 'list', kind: 'status', status: 500 }],
  ])('that %s costs nothing, and the pool fills when it is well again', async (_, fault) => {
    const pool = await maskline.pool(small);
    await faults(fault);
    await maskline.replenish(pool).catch(() => undefined);
    expect((await level(pool)).assignable).toBe(0);
    await faults();
    maskline.clock.push({ minutes: 1 }); // it was left alone for a while
    await maskline.replenish(pool);
    expect((await level(pool)).assignable).toBe(2);
    await expectNothingLostOrDoubled();
  });

  it('whose list cannot be read in three rounds gets no requests for a while, although nothing else is asked of it', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'list', kind: 'status', status: 500 });
    for (let rounds = 0; rounds < 3; rounds += 1) await expect(maskline.replenish(pool)).rejects.toThrow('500');
    const { body } = await maskline.api('GET', '/v1/status');
    expect(body.installation.providers).toContainEqual({
      ...{ provider: 'exotel', use: 'inventory' },
      ...{ trouble: expect.stringContaining('500'), pausedUntil: expect.any(String) },
    });
  });

  it('that fails while a number is being configured leaves it provisioning and sells the next; the next round goes on there', async () => {
    const pool = await maskline.pool(small);
    await faults({ api: 'get', kind: 'status', status: 500, times: 1 });
    await expect(maskline.replenish(pool)).rejects.toThrow();
    expect(await level(pool)).toMatchObject({ assignable: 1, numbers: { provisioning: 1 } });
    await maskline.replenish(pool);
    expect(await level(pool)).toMatchObject({ assignable: 2, numbers: { provisioning: 0 } });
    await expectNothingLostOrDoubled();
  });
});

it('is asked for by POST /v1/pools/{name}/replenish, which answers at once', async () => {
  const pool = await maskline.pool({});
  expect(await maskline.api('POST', `/v1/pools/${pool}/replenish`)).toMatchObject({ status: 202, body: { pool } });
  expect((await maskline.api('POST', '/v1/pools/nowhere/replenish')).status).toBe(404);
});
