import { TestApp } from '../support/app.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { ProviderAccount } from '../support/provider-account.js';
import { kill, startBuying, type Buying } from './buying.js';
import type { Rounds } from './buying-process.js';
import { HeldStep, until } from './held-step.js';

/** A process that gives numbers back, killed at each step: each number leaves once, and none is lost or bought again. */

const LEAVE = 2;
const STAY = 3;

let database: FreshDatabase;
let maskline: TestApp;
let account: ProviderAccount;
let step: HeldStep<'releasing' | 'released'>;
let giving: Buying;

beforeEach(async () => {
  database = await freshDatabase({ lockTimeoutMs: 0 });
  maskline = await TestApp.start({ database });
  account = new ProviderAccount(maskline);
  step = await HeldStep.in(database.url, 'virtual_numbers', 'giving_back');
  giving = startBuying(database.url, maskline.exchange.url);
}, 60_000);
afterEach(async () => {
  giving?.child.kill('SIGKILL');
  await step?.close();
  await maskline?.stop();
  await database?.drop();
});

it.each<[string, { heldBefore?: 'releasing' | 'released'; atTheProvider?: object; asked: boolean }]>([
  ['has drained, and is about to be retired', { heldBefore: 'releasing', asked: false }],
  [
    'is retired, and the provider is asked, but does not answer',
    { atTheProvider: { api: 'release', kind: 'hang-after-doing', ms: 60_000, times: 1 }, asked: true },
  ],
  ['is gone from the provider, and that is not written down', { heldBefore: 'released', asked: true }],
])(
  'a process killed when a number %s',
  async (_, { heldBefore, atTheProvider, asked }) => {
    const pool = await aPoolThatGivesBack();
    const { spent } = await account.inventory();
    // The provider is told by the round after the one that retires.
    if (asked) await maskline.replenish(pool);
    if (atTheProvider) await account.faults(atTheProvider);
    if (heldBefore) await step.hold(heldBefore);
    await giving.ready;
    giving.child.send({ pools: [pool], at: maskline.clock.now().toISOString() } satisfies Rounds);
    if (heldBefore) await step.held(1);
    else await until(async () => (await account.inventory()).numbers.length < STAY + LEAVE);
    await kill(giving);
    if (heldBefore) await step.drop();
    await account.faults();

    expect(await maskline.count('virtual_numbers', `giving_back = 'released'`)).toBe(0);
    for (let round = 0; round < 4; round += 1) {
      await maskline.replenish(pool);
      maskline.clock.push({ minutes: 1 });
    }
    const after = await account.inventory();
    const owned = after.numbers.map((one) => one.phone_number).sort();
    expect(owned).toHaveLength(STAY);
    expect(after.spent).toEqual(spent);
    const held = await maskline.dataSource.query(
      `SELECT array_agg(number ORDER BY number) AS numbers FROM virtual_numbers WHERE status = 'available'`,
    );
    expect(held[0].numbers).toEqual(owned);
    expect(await maskline.count('virtual_numbers', `status = 'retired' AND giving_back = 'released'`)).toBe(LEAVE);
    expect(await maskline.count('virtual_numbers')).toBe(STAY + LEAVE);
    expect(await maskline.count('number_purchases')).toBe(STAY + LEAVE);
    expect(await maskline.count('supply_events', `kind IN ('number.lost', 'number.unknown')`)).toBe(0);
  },
  60_000,
);

/** Of its numbers some have drained for so long that a round retires them. */
async function aPoolThatGivesBack(): Promise<string> {
  const all = STAY + LEAVE;
  const pool = await maskline.pool({ lowWater: all, target: all, maxNumbers: 2 * all, quarantineSeconds: 3_600 });
  await maskline.replenish(pool);
  await maskline.api('PATCH', `/v1/pools/${pool}`, { lowWater: STAY, target: STAY, giveBackAfterSeconds: 86_400 });
  await maskline.dataSource.query(
    `UPDATE virtual_numbers SET status = 'draining', giving_back = 'draining', giving_back_since = $1
     WHERE number IN (SELECT number FROM virtual_numbers ORDER BY number LIMIT ${LEAVE})`,
    [new Date(0)],
  );
  return pool;
}
