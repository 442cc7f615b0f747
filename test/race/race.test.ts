import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { TestApp, numbers } from '../support/app.js';
import { expectConservedNumbers } from '../support/conserved-numbers.js';
import { COURIER_IS_ON_ALL, linksOfCourier } from './parcels.js';
import type { Report, Task } from './writers.js';

/**
 * Two processes with 32 writers each place, assign, complete and archive on one database as fast as they can, on a pool
 * that is barely large enough: so every refusal is a bug. Most writers share one agent. Others write orders of three
 * people who share one courier, and change participants and links while the order is open.
 *
 * For how long: `RACE_SECONDS=120 npm test -- test/race`, each pool half of it.
 */
const SECONDS = Number(process.env['RACE_SECONDS'] ?? 12);
const PROCESSES = 2;
const WRITERS = 64;
const HOT_WRITERS = 40;
const PARCEL_WRITERS = 20;
const TWO_PARTY_WRITERS = WRITERS - PARCEL_WRITERS;
/** A parcel has three links at most. */
const MOST_LINKS = TWO_PARTY_WRITERS + 3 * PARCEL_WRITERS;

let app: TestApp;
let processes: readonly ChildProcess[] = [];
beforeAll(async () => {
  app = await TestApp.start();
  const start = () => fork('dist/test/race/writers.js', [app.database.url], { execArgv: [] });
  processes = Array.from({ length: PROCESSES }, start);
  await Promise.all(processes.map(answer));
}, 180_000); // two processes compile and load the application, on a machine that may be busy
afterAll(async () => {
  await Promise.all(processes.map(end));
  await app?.stop();
});

let tasks = 0;

it.each([
  // The hot agent has at most as many links as there are hot writers, and the courier two for each parcel writer. Neither
  // ever needs one number more than that.
  ['shared', Math.max(HOT_WRITERS, 2 * PARCEL_WRITERS), MOST_LINKS],
  // An order in flight keeps two numbers for each link at most, from others as from its own people.
  ['exclusive', 2 * MOST_LINKS, 1],
])(
  'in a race on a pool that is %s nobody gets what another has, nobody goes without, and nothing is lost',
  async (kind, owned, capacity) => {
    const pool = await app.pool(
      { capacity, graceSeconds: 0, quarantineSeconds: 0, lifetimeSeconds: 86_400, maxNumbers: 1_000 },
      numbers(owned),
    );
    const work = Promise.all(
      processes.map((writing) => {
        const first = (tasks += 1) * 1_000_000;
        const task: Task = {
          pool,
          writers: WRITERS / PROCESSES,
          hotWriters: HOT_WRITERS / PROCESSES,
          parcelWriters: PARCEL_WRITERS / PROCESSES,
          seconds: SECONDS / 2,
          leastOrders: 300,
          first,
        };
        writing.send(task);
        return answer(writing) as Promise<Report>;
      }),
    );
    const looks = await lookWhile(work).finally(() => work.catch(() => undefined)); // the next race begins after this one
    const reports = await work;
    say(kind, owned, capacity, reports, looks);

    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    expect(reports.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(looks.mostLinksOfCourier).toBe(2 * PARCEL_WRITERS);
    await expectNoPairTwice();
    await expectConservedNumbers(app.dataSource);
    expect(await app.count('assignments')).toBe(0);
    expect(await app.count('virtual_numbers', 'orders_held > 0')).toBe(0);
    expect(await app.count('orders', `status <> 'ended'`)).toBe(0);
    for (const { orders } of reports) expect(orders).toBeGreaterThanOrEqual(WRITERS / PROCESSES);
  },
  60_000 + SECONDS * 3_000,
);

/** What a process says next. */
async function answer(from: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(new Error(`A process of writers ended with ${code ?? signal}.`));
    from.once('exit', ended);
    from.once('message', (said) => {
      from.off('exit', ended);
      resolve(said);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}

interface Looks {
  readonly times: number;
  readonly mostLinksOfCourier: number;
}

/** What must hold at the end holds at any instant in between, as PostgreSQL shows one. */
async function lookWhile(work: Promise<unknown>): Promise<Looks> {
  let isOver = false;
  const over = () => void (isOver = true);
  work.then(over, over);
  let [times, mostLinksOfCourier] = [0, 0];
  for (; !isOver; times += 1) {
    await expectNoPairTwice();
    await expectConservedNumbers(app.dataSource);
    const links = await linksOfCourier(app);
    if (links === 2 * PARCEL_WRITERS && mostLinksOfCourier < links) {
      for (const writing of processes) writing.send(COURIER_IS_ON_ALL);
    }
    mostLinksOfCourier = Math.max(mostLinksOfCourier, links);
    await sleep(100);
  }
  return { times, mostLinksOfCourier };
}

async function expectNoPairTwice(): Promise<void> {
  const twice = await app.dataSource.query(
    `SELECT virtual_number, count(*) FROM assignments GROUP BY virtual_number, dialler_key HAVING count(*) > 1`,
  );
  expect(twice).toEqual([]);
}

function say(kind: string, owned: number, capacity: number, reports: readonly Report[], looks: Looks): void {
  const sum = (of: (report: Report) => number) => reports.reduce((total, report) => total + of(report), 0);
  const retried = (what: string) => sum(({ retries }) => retries[what] ?? 0);
  const rows = {
    pool: `${kind}, ${owned} numbers for ${capacity} links each`,
    orders: sum(({ orders }) => orders),
    'of three people': sum(({ parcels }) => parcels),
    'most links of one courier': looks.mostLinksOfCourier,
    refused: sum(({ refusals }) => refusals.length),
    failed: sum(({ failures }) => failures.length),
    'tried again: numbers locked': retried('numbers locked'),
    'tried again: pair just taken': retried('pairs just taken'),
    'tried again: deadlock': retried('deadlocks'),
    'tried again: no connection': sum(({ turnedAway }) => turnedAway),
    'longest assignment': `${Math.round(Math.max(...reports.map(({ longestAssignMs }) => longestAssignMs)))} ms`,
    'looked at in between': `${looks.times} times`,
  };
  const lines = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(30)} ${value}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
