import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';

import { REPLENISHMENT_ROUND } from '../../src/replenishment/round/replenishment-round.queue.js';
import { POOL_LOW } from '../../src/virtual-numbers/pools/pool-low.queue.js';
import { PoolsService } from '../../src/virtual-numbers/pools/pools.service.js';
import { TestApp } from '../support/app.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { LiveClock } from '../support/live-clock.js';
import { ProviderAccount } from '../support/provider-account.js';
import { until } from './held-step.js';
import type { SaidOfRounds } from './working-process.js';

/**
 * Two processes work the jobs of one installation off, and one is killed in the middle of a round: the provider has sold a
 * number and not answered yet. The other takes the round over, and nothing is doubled.
 *
 * Which job the round belongs to, and where the queues are: two of the four in a normal run, all with `npm run faults`.
 */
const REDIS = process.env['TEST_REDIS_URL'];
const PLACES = [
  { queue: POOL_LOW, backend: 'Redis', redisUrl: REDIS, always: true },
  { queue: REPLENISHMENT_ROUND, backend: 'PostgreSQL', redisUrl: null, always: true },
  { queue: POOL_LOW, backend: 'PostgreSQL', redisUrl: null, always: false },
  { queue: REPLENISHMENT_ROUND, backend: 'Redis', redisUrl: REDIS, always: false },
].filter(({ always, redisUrl }) => redisUrl !== '' && (always || process.env['FAULTS'] === 'all'));

const TARGET = 3;
const MARKS = { lowWater: TARGET, target: TARGET };
/** Room for everything to be bought twice. */
const MAX_NUMBERS = 4 * TARGET;

interface Working {
  readonly child: ChildProcess;
  readonly said: SaidOfRounds[];
}

let database: FreshDatabase;
let maskline: TestApp;
let account: ProviderAccount;
let workers: Working[];

beforeEach(async () => {
  database = await freshDatabase({ lockTimeoutMs: 0 });
  workers = [];
}, 60_000);
afterEach(async () => {
  for (const { child } of workers) child.kill('SIGKILL');
  await maskline?.stop();
  await database?.drop();
});

it.each(PLACES)(
  'a process killed in the middle of a round of $queue on $backend: the other goes on with it, and doubles nothing',
  async ({ queue, redisUrl }) => {
    maskline = await TestApp.start({ database, redisUrl, clock: new LiveClock() });
    account = new ProviderAccount(maskline);
    await change('default', { lowWater: 0, target: 0 }); // or it would buy too
    const pool = await maskline.pool({ maxNumbers: MAX_NUMBERS });
    const { id: poolId } = await maskline.get(PoolsService).byName(pool);
    await Promise.all([startWorking(redisUrl), startWorking(redisUrl)]);
    await until(async () => (await unfinished(POOL_LOW)) === 0); // or what opening the pool announced would buy
    await account.faults({ api: 'buy', kind: 'hang-after-doing', ms: 60_000, times: 1 });

    if (queue === POOL_LOW) await change(pool, MARKS);
    else {
      await maskline.dataSource.query(`UPDATE pools SET low_water = $2, target = $2 WHERE id = $1`, [poolId, TARGET]);
      await queueOf(REPLENISHMENT_ROUND).add('start', {}, { attempts: 1 });
    }
    await until(async () => (await account.inventory()).numbers.length === 1);
    const killed = await killWhoIsAt(poolId);
    const jobs = await activeJobs();
    expect(jobs).toEqual(expect.arrayContaining([expect.stringContaining(`${queue} `)]));

    const survivor = workers.find((one) => one !== killed)!;
    await until(async () => (await assignable(pool)) === TARGET);
    await until(async () => {
      const done = survivor.said.map(
        ({ msg, jobId }) => `${msg === 'round made' ? REPLENISHMENT_ROUND : POOL_LOW} ${jobId}`,
      );
      return jobs.every((job) => done.includes(job));
    });
    await expectBoughtOnce(TARGET);

    // Rounds go on: what the pool lacks next is bought as well, once.
    await change(pool, { lowWater: TARGET + 2, target: TARGET + 2 });
    await until(async () => (await assignable(pool)) === TARGET + 2);
    await until(async () => (await activeJobs()).length === 0);
    await expectBoughtOnce(TARGET + 2);
  },
  110_000,
);

async function startWorking(redisUrl: string | null | undefined): Promise<void> {
  const options = [database.url, maskline.exchange.url, redisUrl ?? ''];
  const child = fork('dist/test/faults/working-process.js', options, { execArgv: [] });
  const said: SaidOfRounds[] = [];
  workers.push({ child, said });
  await new Promise<void>((resolve) => {
    child.on('message', (line: SaidOfRounds | 'ready') => (line === 'ready' ? resolve() : said.push(line)));
  });
}

/** Kills the process that has begun the pool's last round. @returns it */
async function killWhoIsAt(poolId: string): Promise<Working> {
  const isAt = ({ said }: Working) => said.findLast((line) => line.poolId === poolId)?.msg === 'round begun';
  await until(async () => workers.some(isAt));
  const one = workers.find(isAt)!;
  const gone = once(one.child, 'exit');
  one.child.kill('SIGKILL');
  await gone;
  return one;
}

/** The queue and id of each job that somebody is at, alive or dead. */
async function activeJobs(): Promise<string[]> {
  const queues = [POOL_LOW, REPLENISHMENT_ROUND];
  const active = await Promise.all(queues.map((name) => queueOf(name).getActive()));
  return queues.flatMap((name, at) => active[at]!.map(({ id }) => `${name} ${id}`));
}

async function unfinished(name: string): Promise<number> {
  const counts = await queueOf(name).getJobCounts('active', 'waiting', 'delayed', 'prioritized');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function queueOf(name: string): Queue {
  return maskline.get<Queue>(getQueueToken(name) as never);
}

async function change(pool: string, policy: object): Promise<void> {
  expect((await maskline.api('PATCH', `/v1/pools/${pool}`, policy)).status).toBe(200);
}

async function assignable(pool: string): Promise<number> {
  return (await maskline.api('GET', `/v1/pools/${pool}`)).body.level.assignable;
}

/** The money spent is that of the numbers owned, each is in the inventory once, and no need was met by two purchases. */
async function expectBoughtOnce(count: number): Promise<void> {
  const { numbers, spent } = await account.inventory();
  const owned = numbers.map((one) => one.phone_number).sort();
  expect(owned).toHaveLength(count);
  const rents = numbers.reduce((sum, one) => sum + Number(one.rental_price), 0);
  expect(Object.values(spent).reduce((sum, one) => sum + one, 0)).toBeCloseTo(rents);
  const held = await maskline.dataSource.query(`SELECT number FROM virtual_numbers ORDER BY number`);
  expect(held.map(({ number }: { number: string }) => number)).toEqual(owned);
  const purchases = await maskline.dataSource.query(`SELECT number, state FROM number_purchases ORDER BY number`);
  expect(purchases).toEqual(owned.map((number) => ({ number, state: 'available' })));
}
