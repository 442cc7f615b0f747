import { randomBytes } from 'node:crypto';

import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../../src/phone-number/e164.js';
import { createDataSource } from '../../../src/platform/database/data-source.js';
import {
  fittingNumberExists,
  mayAlsoDial,
  takeNumber,
  type Taking,
} from '../../../src/virtual-numbers/assignments/take-number.queries.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { aNumberRow, anAssignmentRow, anOrderRow, aPoolRow, insert, type Row } from '../../support/rows.js';

let database: FreshDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const NOW = new Date('2026-11-22T06:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const aDialler = () => randomBytes(32);

const aPool = () => insert(dataSource, 'pools', aPoolRow());
const aNumber = async (pool: { id: string }, but?: Row) =>
  (await insert(dataSource, 'virtual_numbers', aNumberRow(pool, but))).number;
const theNumber = async (number: E164) =>
  (await dataSource.query('SELECT * FROM virtual_numbers WHERE number = $1', [number]))[0];

/** That dialler may dial, or must not yet be lent again, this number. */
async function aPair(pool: { id: string }, number: E164, dialler_key: Buffer): Promise<void> {
  const order = await insert(dataSource, 'orders', anOrderRow(pool));
  await insert(dataSource, 'assignments', anAssignmentRow(order, { number }, { dialler_key }));
}

function taking(pool: { id: string }, more: Partial<Taking> = {}): Taking {
  return { poolId: pool.id, diallerKeys: [aDialler()], now: NOW, ...more };
}
const take = async (tx: EntityManager, pool: { id: string }, more?: Partial<Taking>) =>
  (await takeNumber(tx, taking(pool, more)))?.number ?? null;
const inTransaction = <T>(work: (tx: EntityManager) => Promise<T>) => dataSource.transaction(work);

describe('taking a number', () => {
  it('counts the order on it and writes down when', async () => {
    const pool = await aPool();
    const number = await aNumber(pool);
    expect(await inTransaction((tx) => take(tx, pool))).toBe(number);
    expect(await theNumber(number)).toMatchObject({ orders_held: 1, last_assigned_at: NOW });
  });

  it('takes the one that has rested longest, and one that was never assigned before all', async () => {
    const pool = await aPool();
    const recent = await aNumber(pool, { last_assigned_at: minutesAgo(1) });
    const rested = await aNumber(pool, { last_assigned_at: minutesAgo(9) });
    const unused = await aNumber(pool);
    const taken = await inTransaction(async (tx) => [await take(tx, pool), await take(tx, pool), await take(tx, pool)]);
    expect(taken).toEqual([unused, rested, recent]);
  });

  it.each([
    ['provisioning', { status: 'provisioning' }],
    ['draining', { status: 'draining' }],
    ['resting', { status: 'resting' }],
    ['suspended', { status: 'suspended' }],
    ['retired', { status: 'retired' }],
    ['full', { orders_held: 1 }],
    ['full, though shared', { orders_held: 3, capacity: 3 }],
  ])('takes none that is %s', async (_, but) => {
    const pool = await aPool();
    await aNumber(pool, but);
    expect(await inTransaction((tx) => take(tx, pool))).toBeNull();
    expect(await inTransaction((tx) => fittingNumberExists(tx, taking(pool)))).toBe(false);
  });

  it('takes none of another pool', async () => {
    const [pool, other] = [await aPool(), await aPool()];
    await aNumber(other);
    expect(await inTransaction((tx) => take(tx, pool))).toBeNull();
  });

  it('takes a shared one as often as its capacity says', async () => {
    const pool = await aPool();
    const number = await aNumber(pool, { capacity: 2 });
    const taken = await inTransaction(async (tx) => [await take(tx, pool), await take(tx, pool), await take(tx, pool)]);
    expect(taken).toEqual([number, number, null]);
  });

  it('never lends a dialler a number twice, whatever the capacity, while others may still have it', async () => {
    const pool = await aPool();
    const number = await aNumber(pool, { capacity: 9 });
    const dialler = aDialler();
    await aPair(pool, number, dialler);
    expect(await inTransaction((tx) => take(tx, pool, { diallerKeys: [dialler] }))).toBeNull();
    expect(await inTransaction((tx) => fittingNumberExists(tx, taking(pool, { diallerKeys: [dialler] })))).toBe(false);
    expect(await inTransaction((tx) => mayAlsoDial(tx, number, [dialler]))).toBe(false);
    expect(await inTransaction((tx) => take(tx, pool))).toBe(number);
  });

  it('takes for somebody with several phones what none of them has yet', async () => {
    const pool = await aPool();
    const [free, taken] = [await aNumber(pool, { capacity: 9 }), await aNumber(pool, { capacity: 9 })];
    const diallerKeys = [aDialler(), aDialler()];
    await aPair(pool, taken, diallerKeys[1]!);
    const numbers = await inTransaction(async (tx) => [
      await take(tx, pool, { diallerKeys }),
      await take(tx, pool, { diallerKeys, besides: free }),
    ]);
    expect(numbers).toEqual([free, null]);
    expect(await inTransaction((tx) => mayAlsoDial(tx, taken, diallerKeys))).toBe(false);
  });

  it("passes by the number that the order's other side dials", async () => {
    const pool = await aPool();
    const number = await aNumber(pool, { capacity: 2 });
    expect(await inTransaction((tx) => take(tx, pool, { besides: number }))).toBeNull();
    expect(await inTransaction((tx) => mayAlsoDial(tx, number, [aDialler()]))).toBe(true);
  });
});

describe('two takers at once', () => {
  it('pass by each other: one takes what the other does not hold', async () => {
    const pool = await aPool();
    const both = [await aNumber(pool), await aNumber(pool)];
    await inTransaction(async (slow) => {
      const held = await take(slow, pool);
      const next = await inTransaction((quick) => take(quick, pool));
      expect([held, next].sort()).toEqual(both.sort());
    });
  });

  it('do not take a locked last number for an exhausted pool', async () => {
    const pool = await aPool();
    await aNumber(pool);
    await inTransaction(async (slow) => {
      expect(await take(slow, pool)).not.toBeNull();
      await inTransaction(async (quick) => {
        expect(await take(quick, pool)).toBeNull();
        expect(await fittingNumberExists(quick, taking(pool))).toBe(true);
      });
    });
    expect(await inTransaction((tx) => fittingNumberExists(tx, taking(pool)))).toBe(false);
  });

  it('do not pass by a number only because somebody just shows it', async () => {
    const pool = await aPool();
    const shown = await aNumber(pool, { capacity: 2 });
    const lent = await aNumber(pool, { capacity: 1, orders_held: 1 });
    const order = await insert(dataSource, 'orders', anOrderRow(pool));
    await inTransaction(async (slow) => {
      await insert(slow, 'assignments', anAssignmentRow(order, { number: lent }, { shown_number: shown }));
      expect(await inTransaction((quick) => take(quick, pool))).toBe(shown);
    });
  });

  it('let a number that was taken be shown by somebody without waiting', async () => {
    const pool = await aPool();
    const shown = await aNumber(pool, { capacity: 2 });
    const lent = await aNumber(pool, { capacity: 1, orders_held: 1 });
    const order = await insert(dataSource, 'orders', anOrderRow(pool));
    await inTransaction(async (slow) => {
      expect(await take(slow, pool)).toBe(shown);
      await insert(dataSource, 'assignments', anAssignmentRow(order, { number: lent }, { shown_number: shown }));
    });
  });
});

describe('a large pool', () => {
  const NUMBERS = 2_000;
  let pool: { id: string };

  beforeAll(async () => {
    pool = await aPool();
    await dataSource.query(
      `INSERT INTO virtual_numbers (number, pool_id, provider, status, capacity, created_at, last_assigned_at)
       SELECT '+9180480' || lpad(one::text, 5, '0'), $1, 'exotel', 'available', 1, $2,
              $2::timestamptz - one * interval '1 second'
       FROM generate_series(0, ${NUMBERS - 1}) AS one`,
      [pool.id, NOW],
    );
  });

  it('is taken from all over, and those that have rested longer sooner', async () => {
    await inTransaction(async (tx) => {
      const TAKEN = 200;
      for (let taken = 0; taken < TAKEN; taken += 1) await take(tx, pool);
      const [{ rested, sixteenths }] = await tx.query(
        `SELECT avg(right(one.number, 5)::integer)::integer AS rested,
                count(DISTINCT one.lot::bigint * 16 / 2147483647)::integer AS sixteenths
         FROM virtual_numbers AS one WHERE one.pool_id = $1 AND one.orders_held = 1`,
        [pool.id],
      );
      expect(sixteenths).toBe(16);
      // The best of 16 drawn at random stands in the uppermost seventeenth on average; one drawn at random in the middle.
      expect(rested).toBeGreaterThan(0.8 * NUMBERS);
    });
  });

  it('is walked whole for the last free number, wherever that is', async () => {
    await dataSource.query('UPDATE virtual_numbers SET orders_held = 1 WHERE pool_id = $1', [pool.id]);
    const last = '+918048000777' as E164;
    for (let round = 0; round < 5; round += 1) {
      await dataSource.query('UPDATE virtual_numbers SET orders_held = 0 WHERE number = $1', [last]);
      expect(await inTransaction((tx) => take(tx, pool))).toBe(last);
    }
    expect(await inTransaction((tx) => take(tx, pool))).toBeNull();
  });
});
