import { setTimeout as sleep } from 'node:timers/promises';

import { ParticipantChangesService } from '../../src/orders/participants/participant-changes.service.js';
import { OrdersDueService } from '../../src/orders/lifecycle/orders-due.service.js';
import { OrdersService } from '../../src/orders/lifecycle/orders.service.js';
import { Problem } from '../../src/platform/http/problem.js';
import { TestApp } from '../support/app.js';
import { LiveClock } from '../support/live-clock.js';
import { COURIER_IS_ON_ALL, parcels } from './parcels.js';

/** What one process is to do, as its parent sends it. */
export interface Task {
  readonly pool: string;
  readonly writers: number;
  /** Of them, those whose orders have two people, of whom one is the hot agent. */
  readonly hotWriters: number;
  /** Of them, those whose orders have three people, of whom one is the hot courier. */
  readonly parcelWriters: number;
  readonly seconds: number;
  /** On a slow machine it takes longer, up to four times as long, to place at least so many. */
  readonly leastOrders: number;
  /** So that no two processes draw the same phones and references. */
  readonly first: number;
}

/** What came of it. */
export interface Report {
  /** Of two people and of three. */
  readonly orders: number;
  /** Of three people alone. */
  readonly parcels: number;
  /** Orders that were told there is no number: each with what the database held then. */
  readonly refusals: readonly string[];
  /** Transactions that were run again, by what they had lost. */
  readonly retries: Readonly<Record<string, number>>;
  /** How often no connection was to be had in time, which says something of the machine and nothing of races. */
  readonly turnedAway: number;
  /** Anything else that came out of a service. */
  readonly failures: readonly string[];
  readonly longestAssignMs: number;
}

/** pg's words. */
const NO_CONNECTION = 'timeout exceeded when trying to connect';
const HOT_AGENT = '+919000088888';
const aPhone = (one: number) => `+91900${String(1_000_000 + (one % 8_000_000)).padStart(7, '0')}`;

/**
 * One process of an installation, in which many write at once: `node dist/test/race/writers.js <database>`. It
 * says that it is ready, works off each task that it is sent, and ends with its parent.
 */
const app = await TestApp.start({
  database: { url: process.argv[2]!, drop: async () => undefined },
  clock: new LiveClock(),
  redisUrl: process.env['TEST_REDIS_URL'] || null,
});
const retries = countRetries(app);
let releaseParcels = () => undefined as void;
process.on('message', (said: Task | typeof COURIER_IS_ON_ALL) => {
  if (said === COURIER_IS_ON_ALL) releaseParcels();
  else void write(said).then((report) => process.send!(report));
});
process.once('disconnect', () => void app.stop());
process.send!('ready');

async function write(task: Task): Promise<Report> {
  for (const what of Object.keys(retries)) delete retries[what];
  const [orders, participants, due] = [
    app.get(OrdersService),
    app.get(ParticipantChangesService),
    app.get(OrdersDueService),
  ];
  const refusals: string[] = [];
  const failures: string[] = [];
  let placed = 0;
  let parcelsPlaced = 0;
  let longestAssignMs = 0;
  let turnedAway = 0;

  /** Again, while a machine too busy to hand out one of its connections in 3 s keeps it from beginning; all of it may be. */
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (failure) {
        if ((failure as Error).message !== NO_CONNECTION) throw failure;
        turnedAway += 1;
      }
    }
  };
  /** The order of each assignment that is in use, or of each that is released and not archived. */
  const assignmentsOf = async (references: readonly string[], which: 'in use' | 'released'): Promise<string[]> => {
    const rows = await patiently(() =>
      app.dataSource.query(
        `SELECT orders.reference FROM orders JOIN assignments AS assignment ON assignment.order_id = orders.id
         WHERE orders.reference = ANY($1::text[]) AND (assignment.released_at IS NULL) = $2`,
        [references, which === 'in use'],
      ),
    );
    return rows.map((row: { reference: string }) => row.reference);
  };
  const mustHaveLinks = async (reference: string, links: number) => {
    const held = (await assignmentsOf([reference], 'in use')).length;
    if (held === 2 * links) return;
    refusals.push(`${reference} has ${held} numbers for ${links} links: ${await whatIsFree(app, task.pool)}`);
  };

  // Only when its assignments are archived does a writer hold no number any more, and may begin anew: by that the pool is
  // sized.
  const leaving = new Map<string, () => void>();
  const rested = (reference: string) => new Promise<void>((resolve) => leaving.set(reference, resolve));

  const oneOrder = async (isHot: boolean) => {
    const one = task.first + (placed += 1);
    const reference = `race-${one}`;
    await patiently(() =>
      orders.place({
        reference,
        participants: [{ role: 'customer', phone: aPhone(2 * one), field: 'customer.phone' }],
        pool: task.pool,
      }),
    );
    const began = performance.now();
    await patiently(() => participants.put(reference, 'agent', isHot ? HOT_AGENT : aPhone(2 * one + 1)));
    longestAssignMs = Math.max(longestAssignMs, performance.now() - began);
    await mustHaveLinks(reference, 1);
    await patiently(() => orders.close(reference, 'completed'));
    await rested(reference);
  };

  const began = performance.now();
  const isTime = () => {
    const seconds = (performance.now() - began) / 1000;
    return seconds < task.seconds || (placed < task.leastOrders && seconds < 4 * task.seconds);
  };
  const courierOnAll = new Promise<void>((resolve) => (releaseParcels = resolve));
  const writeParcel = parcels({ app, pool: task.pool, courierOnAll, patiently, rested, mustHaveLinks });
  const oneParcel = async () => {
    const one = task.first + (placed += 1);
    parcelsPlaced += 1;
    await writeParcel(`parcel-${one}`, one);
  };
  let writing = true;
  const writer = async (index: number) => {
    const isHot = index < task.hotWriters;
    const isParcel = !isHot && index < task.hotWriters + task.parcelWriters;
    while (isTime() && failures.length === 0) {
      await (isParcel ? oneParcel() : oneOrder(isHot)).catch((failure: Error) => {
        failures.push(failure instanceof Problem ? failure.constructor.name : String(failure.stack));
      });
    }
  };
  const sweeper = async () => {
    while (writing) {
      await patiently(() => due.endWhatIsDue());
      const asked = [...leaving.keys()]; // those who come while we ask are asked about the next time
      const still = new Set(await assignmentsOf(asked, 'released'));
      for (const reference of asked.filter((one) => !still.has(one))) {
        leaving.get(reference)!();
        leaving.delete(reference);
      }
      await sleep(5);
    }
  };
  const sweeping = sweeper();
  await Promise.all(Array.from({ length: task.writers }, (_, index) => writer(index)));
  writing = false;
  await sweeping;
  return {
    orders: placed,
    parcels: parcelsPlaced,
    refusals,
    retries: { ...retries },
    turnedAway,
    failures,
    longestAssignMs,
  };
}

/** Counts what `untilRaceIsWon` tries again, by watching the transactions that it begins. */
function countRetries({ dataSource }: TestApp): Record<string, number> {
  const counts: Record<string, number> = {};
  const transaction = dataSource.transaction.bind(dataSource) as (work: never) => Promise<unknown>;
  dataSource.transaction = (async (work: never) => {
    try {
      return await transaction(work);
    } catch (failure) {
      const { name, code, driverError } = failure as { name: string; code?: string; driverError?: { code?: string } };
      const sqlState = code ?? driverError?.code;
      const what =
        { '40P01': 'deadlocks', '23505': 'pairs just taken' }[sqlState ?? ''] ??
        ((failure as Error).constructor.name === 'FittingNumbersAreLocked' ? 'numbers locked' : name);
      counts[what] = (counts[what] ?? 0) + 1;
      throw failure;
    }
  }) as typeof dataSource.transaction;
  return counts;
}

/** For whom asks why an order was refused: a moment later, so a hint and no proof. */
async function whatIsFree(app: TestApp, pool: string): Promise<string> {
  const [row] = await app.dataSource.query(
    `SELECT count(*)::integer AS numbers,
            count(*) FILTER (WHERE number.orders_held < number.capacity)::integer AS "withRoom",
            count(*) FILTER (WHERE NOT EXISTS (SELECT FROM assignments AS held
                                               WHERE held.virtual_number = number.number))::integer AS "withoutPairs"
     FROM virtual_numbers AS number JOIN pools ON pools.id = number.pool_id WHERE pools.name = $1`,
    [pool],
  );
  return JSON.stringify(row);
}
