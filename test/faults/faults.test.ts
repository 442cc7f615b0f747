import { setTimeout as sleep } from 'node:timers/promises';

import type { PurchaseState } from '../../src/replenishment/purchases/number-purchase.entity.js';
import { ProviderRefused, ProviderUnavailable } from '../../src/telephony/providers/provider-errors.js';
import { EXOTEL_TIMING } from '../../src/telephony/exotel/exotel-api.js';
import { TestApp } from '../support/app.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { ProviderAccount } from '../support/provider-account.js';
import { kill, startBuying, type Buying } from './buying.js';
import type { Rounds } from './buying-process.js';
import { HeldStep, until } from './held-step.js';

/**
 * Every state of a purchase, with its process killed there, times every fault that whoever goes on may meet: afterwards
 * the money spent is that of the numbers owned, each number is in the inventory once, and no round is stuck.
 *
 * Some of the faults in a normal run; all of them: `npm run faults`.
 */
const ALL = process.env['FAULTS'] === 'all';

// What is worth another attempt gets it at once: in all cells together, the pauses between would be minutes.
const { backoffMs, timeoutMs } = EXOTEL_TIMING;
beforeAll(() => Object.assign(EXOTEL_TIMING, { backoffMs: 1 }));
afterAll(() => Object.assign(EXOTEL_TIMING, { backoffMs, timeoutMs })); // other files share the module

/** An answer that never comes is given up sooner. One that is only late may be given up, too, which is another fault. */
const giveUpSoonerIf = (isNeverAnswered: boolean) =>
  Object.assign(EXOTEL_TIMING, { timeoutMs: isNeverAnswered ? 1_000 : timeoutMs });

/** Long enough for a process to be killed meanwhile. */
const SOLD_LATER_MS = 1_500;

/** How a process is brought to where it is killed, and whom whoever goes on then asks. */
const KILLED: Record<string, Kill> = {
  'before it is wanted': { heldBefore: 'wanted', nextAsked: 'search' },
  'wanted, not ordered': { heldBefore: 'ordered', nextAsked: 'buy' },
  'ordered, sold later': { atTheProvider: { api: 'buy', kind: 'slow', ms: SOLD_LATER_MS }, nextAsked: 'list' },
  'sold, not answered': { atTheProvider: { api: 'buy', kind: 'hang-after-doing', ms: 60_000 }, nextAsked: 'list' },
  'answered, not owned': { heldBefore: 'owned', nextAsked: 'list' },
  'owned, not configured': { heldBefore: 'configured', nextAsked: 'get' },
  'configured, not verified': { heldBefore: 'verified', nextAsked: 'get' },
  'verified, not available': { heldBefore: 'available', nextAsked: 'get' },
};

interface Kill {
  readonly heldBefore?: PurchaseState;
  readonly atTheProvider?: object;
  readonly nextAsked: 'search' | 'buy' | 'list' | 'get';
}

/** What whoever goes on meets; `api` is filled in with whom it asks next. */
const FAULTS: Record<string, (api: string) => object> = {
  none: () => ({ api: 'search', kind: 'slow', ms: 1, times: 1 }),
  cut: (api) => ({ api, kind: 'cut', times: 4 }),
  'no answer': (api) => ({ api, kind: 'hang-after-doing', times: 4 }),
  'HTTP 402': (api) => ({ api, kind: 'status', status: 402, times: 2 }),
  'HTTP 429': (api) => ({ api, kind: 'status', status: 429, retryAfter: 60, times: 2 }),
  'HTTP 500': (api) => ({ api, kind: 'status', status: 500, times: 3 }),
  'list lies': () => ({ api: 'list', kind: 'empty', times: 2 }),
  ...(ALL && {
    slow: (api: string) => ({ api, kind: 'slow', ms: 300, times: 3 }),
    'HTTP 401': (api: string) => ({ api, kind: 'status', status: 401, times: 2 }),
    'HTTP 502': (api: string) => ({ api, kind: 'status', status: 502, times: 4 }),
    'HTTP 503': (api: string) => ({ api, kind: 'status', status: 503, times: 4 }),
    'empty shelf': () => ({ api: 'search', kind: 'empty', times: 4 }),
    gone: () => ({ api: 'buy', kind: 'refuse', times: 3 }),
    'a minute’s rate': () => ({ api: 'any', kind: 'rate-limit', perMinute: 2, times: 4 }),
  }),
};

/** A telecom circle each, so that the pools of one row do not empty each other's shelf. */
const CIRCLES = ['AP', 'AS', 'BR', 'DL', 'GJ', 'HP', 'HR', 'JK', 'KA', 'KL', 'KO', 'MH', 'MP', 'NE'];
/** Of a process that is killed. Two applications start much sooner than another process. */
const APPLICATIONS = 2;
/** As many rounds at once as leave each application connections to make them. */
const AT_ONCE = 5 * APPLICATIONS;
const TARGET = 2;
const MARKS = { lowWater: TARGET, target: TARGET, maxNumbers: TARGET + 1 };
const MOST_ROUNDS = 20;

let database: FreshDatabase;
let maskline: TestApp;
let account: ProviderAccount;
let step: HeldStep<PurchaseState>;
let next: Buying;
let killsToCome = Object.keys(KILLED).length * Math.ceil(Object.keys(FAULTS).length / AT_ONCE);
/** What is sold later is sold by then. */
let allSoldAt = 0;
const table: string[][] = [];

beforeAll(async () => {
  database = await freshDatabase({ lockTimeoutMs: 0 });
  maskline = await TestApp.start({ database });
  account = new ProviderAccount(maskline);
  step = await HeldStep.in(database.url, 'number_purchases', 'state');
  next = startBuying(database.url, maskline.exchange.url, APPLICATIONS);
});
afterAll(async () => {
  next?.child.kill('SIGKILL');
  await step?.close();
  await maskline?.stop();
  await database?.drop();
  const row = (cells: readonly string[]) =>
    cells.map((cell, at) => (at ? cell.padStart(15) : cell.padEnd(26))).join('');
  const rows = [['rounds until it was well', ...Object.keys(FAULTS)], ...table].map(row);
  process.stdout.write(`\n${rows.join('\n')}\n`);
});

it.each(Object.keys(KILLED))(
  'a process killed at a purchase that is %s loses nothing and doubles nothing',
  async (where) => {
    const [made, cells]: [string[], string[]] = [[], []];
    const faults = Object.entries(FAULTS);
    for (let at = 0; at < faults.length; at += AT_ONCE) {
      const some = faults.slice(at, at + AT_ONCE);
      const pools = await Promise.all(
        some.map((_, index) => maskline.pool({ ...MARKS, region: CIRCLES[at + index]! })),
      );
      made.push(...pools);
      await killAt(KILLED[where]!, pools);
      for (const [index, [name, fault]] of some.entries()) {
        await account.faults(fault(KILLED[where]!.nextAsked));
        cells.push(String(await goOn(pools[index]!, name)));
      }
    }
    table.push([where, ...cells]);
    await expectAllWell(made);
  },
  120_000,
);

/** Whom a whole round asks. A broken line to the list or to a number's page is in the rows above. */
const ASKED = ALL ? ['search', 'buy', 'list', 'get'] : ['search', 'buy'];

it.each(ASKED)(
  'a first round that meets a fault when it asks for %s loses nothing and doubles nothing',
  async (api) => {
    const pools: string[] = [];
    const cells: string[] = [];
    for (const [index, [name, fault]] of Object.entries(FAULTS).entries()) {
      pools.push(await maskline.pool({ ...MARKS, region: CIRCLES[index]! }));
      await account.faults(fault(api));
      cells.push(String(await goOn(pools[index]!, name)));
    }
    table.push([`nobody is killed: ${api}`, ...cells]);
    await expectAllWell(pools);
  },
  120_000,
);

/** Rounds of these pools in a process of their own, which is killed where `kill` says. */
async function killAt({ heldBefore, atTheProvider }: Kill, pools: readonly string[]): Promise<void> {
  const { child, ready } = next;
  await ready;
  const soldBefore = (await account.inventory()).numbers.length;
  await account.faults(...(atTheProvider ? [atTheProvider] : []));
  if (heldBefore) await step.hold(heldBefore);
  child.send({ pools, at: maskline.clock.now().toISOString() } satisfies Rounds);
  if (heldBefore) await step.held(pools.length);
  else {
    const sold = async () => (await account.inventory()).numbers.length - soldBefore;
    const ordered = () => maskline.count('number_purchases', `state = 'ordered'`);
    const isSoldLater = (atTheProvider as { kind: string }).kind === 'slow';
    await until(async () => (isSoldLater ? ordered() : sold()).then((count) => count === pools.length));
    if (isSoldLater) await sleep(200); // the exchange has heard of all of them
    allSoldAt = Date.now() + SOLD_LATER_MS;
  }
  await kill(next);
  if (heldBefore) await step.drop();
  killsToCome -= 1;
  // While this one is being looked after.
  if (killsToCome > 0) next = startBuying(database.url, maskline.exchange.url, APPLICATIONS);
}

/** Rounds, a minute apart, until the pool has what it should. @returns how many it took */
async function goOn(pool: string, fault: string): Promise<number> {
  giveUpSoonerIf(fault === 'no answer');
  for (let rounds = 1; rounds <= MOST_ROUNDS; rounds += 1) {
    await maskline.replenish(pool).catch((failure: unknown) => {
      if (!(failure instanceof ProviderUnavailable) && !(failure instanceof ProviderRefused)) throw failure;
    });
    maskline.clock.push({ minutes: rounds < 4 ? 1 : 5 });
    if (await isWell(pool)) return rounds;
  }
  throw new Error(`Pool ${pool} was not well after ${MOST_ROUNDS} rounds.`);
}

async function isWell(pool: string): Promise<boolean> {
  const { level } = (await maskline.api('GET', `/v1/pools/${pool}`)).body;
  const open = await maskline.count(
    'number_purchases AS purchase JOIN pools AS pool ON pool.id = purchase.pool_id',
    `pool.name = '${pool}' AND purchase.state NOT IN ('available', 'failed')`,
  );
  return open === 0 && level.assignable >= TARGET && level.numbers.provisioning === 0;
}

async function expectAllWell(pools: readonly string[]): Promise<void> {
  giveUpSoonerIf(false);
  await account.faults();
  await sleep(Math.max(0, allSoldAt - Date.now()));
  maskline.clock.push({ hours: 1 });
  for (const name of pools) {
    await maskline.replenish(name);
    expect([name, await isWell(name)]).toEqual([name, true]);
  }
  const { numbers, spent } = await account.inventory();
  const owned = numbers.map((one) => one.phone_number).sort();
  const held = await maskline.dataSource.query(`SELECT number FROM virtual_numbers ORDER BY number`);
  expect(held.map(({ number }: { number: string }) => number)).toEqual(owned);
  const bought = await maskline.dataSource.query(
    `SELECT number FROM number_purchases WHERE state = 'available' ORDER BY number`,
  );
  expect(bought.map(({ number }: { number: string }) => number)).toEqual(owned);
  const rents = numbers.reduce((sum, one) => sum + Number(one.rental_price), 0);
  expect(Object.values(spent).reduce((sum, one) => sum + one, 0)).toBeCloseTo(rents);
  const [{ counted }] = await maskline.dataSource.query(
    `SELECT sum(rent)::float AS counted FROM number_purchases WHERE state NOT IN ('wanted', 'failed')`,
  );
  expect(counted).toBeCloseTo(rents);
}
