import { setTimeout as sleep } from 'node:timers/promises';

import { TestApp } from '../support/app.js';
import { LiveClock } from '../support/live-clock.js';
import { ProviderAccount } from '../support/provider-account.js';
import { until } from './held-step.js';
import { CalmTime } from '../support/calm-time.js';

/**
 * A pool fills in time although its provider is busy, fails and loses answers, by the application's own clocks.
 *
 * At the rate of `npm start` in a normal run; at Exotel's real rate too, which takes a minute: `npm run faults`.
 */
const RATES = process.env['FAULTS'] === 'all' ? [200, 3] : [200];

const LACKING = 40;
const RENT = 499;
const MOST_SECONDS = 100;
/** One request in seven is refused, one in eleven fails, one purchase in five is made and not answered. */
const BUSY_AND_FORGETFUL = [
  { api: 'any', kind: 'status', status: 429, retryAfter: 1, every: 7 },
  { api: 'any', kind: 'status', status: 503, every: 11 },
  { api: 'buy', kind: 'hang-after-doing', every: 5 },
];

let maskline: TestApp;
let supplyLog: string[] = [];
afterEach(() => maskline?.stop());

const level = async (pool: string) => (await maskline.api('GET', `/v1/pools/${pool}`)).body.level;
const requests = async (): Promise<Record<string, number>> =>
  ((await (await fetch(`${maskline.exchange.url}/exchange/requests`)).json()) as { exotel: Record<string, number> })
    .exotel;

async function whyNotFull(pool: string): Promise<string> {
  const purchases = await maskline.dataSource.query(`
    SELECT purchase.state, purchase.reason, count(*)::integer, max(purchase.ordered_at) AS last
    FROM number_purchases AS purchase JOIN pools AS pool ON pool.id = purchase.pool_id
    WHERE pool.name = '${pool}' GROUP BY 1, 2`);
  const circuits = await maskline.dataSource.query(`SELECT * FROM provider_circuits`);
  const { events } = (await maskline.api('GET', `/v1/pools/${pool}/events?limit=10`)).body;
  const told = { level: await level(pool), purchases, circuits, events };
  return `${JSON.stringify(told, null, 1)}\n${supplyLog.slice(-40).join('')}`;
}

async function filled(pool: string, count: number): Promise<number> {
  const waited = new CalmTime();
  while ((await level(pool)).assignable < count) {
    if (waited.ms > MOST_SECONDS * 1_000) throw new Error(await whyNotFull(pool));
    await sleep(200);
  }
  return waited.ms / 1_000;
}

it.each(RATES)(
  'a pool that lacks 40 numbers is full within 100 s, though its provider is busy, fails and loses answers, at %i requests a second',
  async (perSecond) => {
    supplyLog = [];
    const logTo = (line: string) =>
      void (/"context":"(Repl|Purchase|Provider|Number)/.test(line) && supplyLog.push(line));
    const options = { works: true, clock: new LiveClock(), exotelRequestsPerSecond: perSecond, logTo };
    maskline = await TestApp.start(options);
    await maskline.api('PATCH', '/v1/pools/default', { lowWater: 0, target: 0 }); // or it would buy too
    const account = new ProviderAccount(maskline);
    await account.faults(...BUSY_AND_FORGETFUL);
    const before = await requests();
    const began = performance.now();
    const pool = await maskline.pool({
      region: 'KA',
      lowWater: LACKING,
      target: LACKING,
      maxNumbers: LACKING + 5,
      currency: 'INR',
      maxSpendPerMonth: LACKING * RENT,
    });
    const seconds = await filled(pool, LACKING);
    expect(seconds).toBeLessThan(MOST_SECONDS);

    const asked = Object.values(await requests()).reduce((sum, one) => sum + one, 0);
    const askedBefore = Object.values(before).reduce((sum, one) => sum + one, 0);
    const elapsed = (performance.now() - began) / 1_000;
    expect(asked - askedBefore).toBeLessThanOrEqual(perSecond * (elapsed + 1));
    process.stdout.write(
      `\nfull after ${seconds.toFixed(1)} s, ${asked - askedBefore} requests at ${perSecond} a second\n`,
    );

    await until(async () => (await maskline.count('number_purchases', `state NOT IN ('available', 'failed')`)) === 0);
    const { numbers, spent } = await account.inventory(); // those of the default pool too, which bought until it was told not to
    expect(spent).toEqual({ INR: numbers.length * RENT });
    const ours = await maskline.dataSource.query(`SELECT number FROM virtual_numbers ORDER BY number`);
    expect(ours.map((one: { number: string }) => one.number)).toEqual(numbers.map((one) => one.phone_number).sort());
    const ofPool = `pool_id = (SELECT id FROM pools WHERE name = '${pool}')`;
    expect(await maskline.count('virtual_numbers', ofPool)).toBe(LACKING);
    expect(await maskline.count('number_purchases', `${ofPool} AND state = 'available'`)).toBe(LACKING);
  },
  130_000,
);
