import { randomBytes } from 'node:crypto';

import { readTable } from '../../../../src/platform/config/setting-table.js';
import { callbackSettings, EXOTEL_SETTINGS } from '../../../../src/telephony/exotel/exotel-settings.js';
import { aPhone, API_KEY, numbers, TestApp, type AppOptions } from '../../../support/app.js';
import { PushableClock } from '../../../support/pushable-clock.js';
import { CalmTime } from '../../../support/calm-time.js';

/** What `npm start` asks of callbacks. */
const DEFAULTS = callbackSettings(readTable(EXOTEL_SETTINGS, {}));
const [missesPerNumber, missesInAll, missesPerCaller] = [
  ...[DEFAULTS.missesPerNumber!, DEFAULTS.missesInAll!, DEFAULTS.missesPerCaller!],
] as [number, number, number];

/** Starts with the limits that an installation has, on the present time, as the exchange tells it. */
async function start(more: AppOptions = {}): Promise<TestApp> {
  const clock = new PushableClock();
  clock.push({ seconds: (Date.now() - clock.now().getTime()) / 1_000 });
  return TestApp.start({ callbacks: DEFAULTS, clock, ...more });
}

interface Pair {
  readonly customer: string;
  readonly agent: string;
  readonly customerDials: string;
  readonly agentDials: string;
}

let maskline: TestApp;
let ordersMade = 0;
const order = async (pool: string): Promise<Pair> => {
  const [customer, agent] = [aPhone(), aPhone()];
  const { customer: one, agent: other } = await maskline.order(`misses-${(ordersMade += 1)}`, customer, agent, {
    pool,
  });
  return { customer, agent, customerDials: one.dials, agentDials: other.dials };
};

/** Numbers that the exchange has sold us, so that it knows the calls to them. */
async function boughtPool(count: number, capacity = 1_000): Promise<string> {
  const pool = await maskline.pool({ lowWater: count, target: count, maxNumbers: count, capacity });
  await maskline.replenish(pool);
  return pool;
}

/** A request of somebody who has the secret, for a call that Exotel has never heard of. */
const guess = async (from: string, to: string): Promise<string[]> => (await maskline.call(from, to)).rings;

async function counted(line: string): Promise<number> {
  const { text } = await maskline.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` });
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.split(' ')[1] ?? 0,
  );
}

describe('calls that lead somewhere', () => {
  beforeAll(async () => (maskline = await start()));
  afterAll(() => maskline.stop());

  it('are all connected when the people of 150 orders on two shared numbers call within a minute', async () => {
    const pool = await maskline.pool({ capacity: 1_000 }, numbers(2));
    const pairs: Pair[] = [];
    for (let count = 0; count < 150; count += 1) pairs.push(await order(pool));
    expect(new Set(pairs.flatMap(({ customerDials, agentDials }) => [customerDials, agentDials])).size).toBe(2);
    const answers = await Promise.all(
      pairs.flatMap(({ customer, agent, customerDials, agentDials }) => [
        guess(customer, customerDials).then(([rung]) => rung === agent),
        guess(agent, agentDials).then(([rung]) => rung === customer),
      ]),
    );
    expect(answers.filter(Boolean)).toHaveLength(300);
  });

  it('are connected while somebody dials their number two hundred times a minute, who is soon not heard', async () => {
    const pair = await order(await maskline.pool({ capacity: 1_000 }, numbers(2)));
    const nuisance = aPhone();
    const before = await maskline.count('interactions');
    for (let count = 0; count < 200; count += 1) expect(await guess(nuisance, pair.customerDials)).toEqual([]);
    expect((await maskline.count('interactions')) - before).toBe(missesPerCaller);
    expect(await guess(pair.customer, pair.customerDials)).toEqual([pair.agent]);
    expect(await guess(pair.agent, pair.agentDials)).toEqual([pair.customer]);
    expect(await counted('maskline_callers_tried_out_total{provider="exotel",of="number"}')).toBe(0);
  });

  it('are connected for a caller who has dialled wrong numbers all the time', async () => {
    const [pair, other] = [
      await order(await maskline.pool({}, numbers(2))),
      await order(await maskline.pool({}, numbers(2))),
    ];
    for (let count = 0; count < missesPerCaller + 5; count += 1) await guess(pair.customer, other.customerDials);
    expect(await guess(pair.customer, pair.customerDials)).toEqual([pair.agent]);
  });

  it('a call that is asked about twice misses once', async () => {
    const pair = await order(await maskline.pool({}, numbers(2)));
    const [stranger, callSid] = [aPhone(), randomBytes(16).toString('hex')];
    for (let count = 0; count < 3 * missesPerCaller; count += 1) {
      await maskline.call(stranger, pair.customerDials, callSid);
    }
    const { callSid: next } = await maskline.call(stranger, pair.customerDials);
    expect(await maskline.count('interactions', `provider_call_id = '${next}'`)).toBe(1);
  });
});

describe('somebody who has the secret and tries callers out', () => {
  beforeEach(async () => (maskline = await start()));
  afterEach(() => maskline.stop());

  it('on one number, is told no phone once as many missed, while a real call connects', async () => {
    const pool = await boughtPool(2);
    const pair = await order(pool);
    for (let count = 0; count <= missesPerNumber; count += 1)
      expect(await guess(aPhone(), pair.customerDials)).toEqual([]);
    expect(await guess(pair.customer, pair.customerDials)).toEqual([]);
    expect(await counted('maskline_callers_tried_out_total{provider="exotel",of="number"}')).toBe(1);
    expect(await counted('maskline_calls_confirmed_total{provider="exotel",confirmed="false"}')).toBe(1);
    const real = await maskline.place({ from: pair.customer, to: pair.customerDials });
    expect(real).toMatchObject({ connected: true, rang: pair.agent });
    // The numbers at which nobody guesses are as they were.
    expect(await guess(pair.agent, pair.agentDials)).toEqual([pair.customer]);
  });

  it('on many numbers, a few on each, is told no phone on any, while real calls connect', async () => {
    const pool = await boughtPool(20, 2);
    const pairs: Pair[] = [];
    for (let count = 0; count < 10; count += 1) pairs.push(await order(pool));
    const dialled = [...new Set(pairs.flatMap(({ customerDials, agentDials }) => [customerDials, agentDials]))];
    expect(dialled.length).toBeGreaterThan(10);
    for (let count = 0; count <= missesInAll; count += 1) await guess(aPhone(), dialled[count % dialled.length]!);
    expect(await counted('maskline_callers_tried_out_total{provider="exotel",of="all"}')).toBe(1);
    expect(await counted('maskline_callers_tried_out_total{provider="exotel",of="number"}')).toBe(0);
    const stolen = await Promise.all(pairs.map(({ customer, customerDials }) => guess(customer, customerDials)));
    expect(stolen.flat()).toEqual([]);
    const real = await Promise.all(
      pairs.map(({ customer, customerDials }) => maskline.place({ from: customer, to: customerDials })),
    );
    expect(real.map(({ rang }) => rang)).toEqual(pairs.map(({ agent }) => agent));
  });

  it('is told no phone for the id of a real call of somebody else, nor of one that is over', async () => {
    const pool = await boughtPool(2);
    const [pair, other] = [await order(pool), await order(pool)];
    for (let count = 0; count <= missesPerNumber; count += 1) await guess(aPhone(), pair.customerDials);
    const over = await maskline.place({ from: other.customer, to: other.customerDials });
    await maskline.dataSource.query('DELETE FROM interactions WHERE provider_call_id = $1', [over.callSid]);
    for (const [from, to] of [
      [pair.customer, pair.customerDials],
      [other.customer, other.customerDials],
    ] as const) {
      expect((await maskline.call(from, to, over.callSid)).rings).toEqual([]);
    }
  });

  it('is told no phone while Exotel does not answer, within the time that a caller has', async () => {
    const pair = await order(await boughtPool(2));
    for (let count = 0; count <= missesPerNumber; count += 1) await guess(aPhone(), pair.customerDials);
    await fetch(`${maskline.exchange.url}/exchange/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ api: 'calls', kind: 'slow', ms: 30_000 }]),
    });
    const waited = new CalmTime();
    const { callSid, rings } = await maskline.call(pair.customer, pair.customerDials);
    expect(rings).toEqual([]);
    expect(waited.ms).toBeLessThan(4_000);
    const [row] = await maskline.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [
      callSid,
    ]);
    expect(row.reason).toBe('NOT_CONFIRMED');
  });

  it('spends neither the calls that two people have in an hour nor the tries at PINs', async () => {
    const pool = await boughtPool(2);
    await maskline.api('PATCH', `/v1/pools/${pool}`, { maxCallsPerHour: 1 });
    const pair = await order(pool);
    for (let count = 0; count <= missesPerNumber; count += 1) await guess(aPhone(), pair.customerDials);
    for (let count = 0; count < 3; count += 1) expect(await guess(pair.customer, pair.customerDials)).toEqual([]);
    expect(await maskline.place({ from: pair.customer, to: pair.customerDials })).toMatchObject({ rang: pair.agent });
  });
});
