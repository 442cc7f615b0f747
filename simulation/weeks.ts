import { drawOrders, MINUTES_A_DAY, type TownOrder, type Weeks } from './weeks-demand.js';
import { SimulatedPool, type WeeksOutcome } from './weeks-pool.js';
import { timeOf, WeeksServices } from './weeks-services.js';

/** Four weeks of a town from the opening of its pool, with growth and a one-day strike. */
export const TOWN: Weeks = {
  ordersADay: 800,
  agents: 90,
  daysBefore: 0,
  days: 28,
  lowMarksFrom: 8,
  growth: 1.04,
  strikeDay: 16,
  leadHours: 4,
  quarantineHours: 24,
  graceMinutes: 30,
  seed: 1,
};

/** A day of a hamlet with a history: checks that everything works. */
export const HAMLET: Weeks = {
  ...TOWN,
  ordersADay: 120,
  agents: 15,
  daysBefore: 8,
  days: 1,
  lowMarksFrom: 0,
  strikeDay: null,
};

/** Numbers that are not needed for a week are given back. */
const GIVE_BACK_AFTER_SECONDS = 7 * 24 * 60 * 60;
/** The marks of a pool that relies on its forecast. */
const LOW_MARKS = { lowWater: 10, target: 20 } as const;
/** Minutes between rounds of the forecast. Rounds with static marks run every minute. */
const ROUND_MINUTES = 15;
/** The static marks to try: low-water marks in steps of `every`, each with targets that are this much higher. */
const MARKS = { every: 20, above: [10, 40, 80] } as const;

export interface WeeksResults {
  readonly weeks: Weeks;
  readonly orders: number;
  /** The cheapest static marks with which no order waits, and the most expensive cheaper ones with which one does. */
  readonly safeMarks: WeeksOutcome;
  readonly lowerMarks: WeeksOutcome;
  readonly forecast: WeeksOutcome;
  readonly wallSeconds: number;
}

export interface WeeksSetting {
  readonly weeks: Weeks;
  /** The URL of an empty database, or of a migrated one without orders. */
  readonly databaseUrl: string;
  readonly progress: (done: number, time: string) => void;
}

/** Simulates the weeks twice: with static marks in memory, and with the forecast by the services on PostgreSQL. */
export async function liveWeeks({ weeks, databaseUrl, progress }: WeeksSetting): Promise<WeeksResults> {
  const began = performance.now();
  const orders = drawOrders(weeks);
  const { safe, lower } = await cheapestMarks(weeks, orders);
  const forecast = await withForecast(weeks, orders, safe.marks, databaseUrl, progress);
  return {
    weeks,
    orders: orders.filter(({ at }) => at >= 0).length,
    forecast,
    safeMarks: safe.outcome,
    lowerMarks: lower.outcome,
    wallSeconds: (performance.now() - began) / 1_000,
  };
}

interface Marks {
  readonly low: number;
  readonly target: number;
}

interface Tried {
  readonly marks: Marks;
  readonly outcome: WeeksOutcome;
}

/** The rule of the marks, as `NeedService` applies it to a pool without a history, with a round every minute. */
async function withMarks(weeks: Weeks, orders: readonly TownOrder[], marks: Marks): Promise<Tried> {
  const { low, target } = marks;
  const pool = new SimulatedPool(weeks);
  pool.stock(target, 0);
  await eachMinute(weeks, orders, pool, () => {
    const { assignable, coming, waits } = pool;
    const toTarget = assignable + coming < low ? target - assignable - coming : 0;
    const missing = Math.max(toTarget, 2 * waits - coming);
    if (missing > 0) pool.buy(missing);
  });
  return { marks, outcome: pool.outcome(`marks ${low} / ${target}`) };
}

async function cheapestMarks(weeks: Weeks, orders: readonly TownOrder[]): Promise<{ safe: Tried; lower: Tried }> {
  let safe: Tried | null = null;
  let lower: Tried | null = null;
  // Once every distance of the target has a safe mark, higher marks only cost more.
  for (let low = 0, safeOnes = 0; safeOnes < MARKS.above.length; low += MARKS.every) {
    safeOnes = 0;
    for (const above of MARKS.above) {
      const tried = await withMarks(weeks, orders, { low, target: low + above });
      const { dryMinutes, numberDays } = tried.outcome;
      if (dryMinutes > 0) lower = lower && lower.outcome.dryMinutes <= dryMinutes ? lower : tried;
      else safeOnes += 1;
      if (dryMinutes === 0 && numberDays < (safe?.outcome.numberDays ?? Infinity)) safe = tried;
    }
  }
  return { safe: safe!, lower: lower! };
}

async function withForecast(
  weeks: Weeks,
  orders: readonly TownOrder[],
  marks: Marks,
  databaseUrl: string,
  progress: WeeksSetting['progress'],
): Promise<WeeksOutcome> {
  const services = await WeeksServices.start(databaseUrl, weeks, { lowWater: marks.low, target: marks.target });
  try {
    const pool = new SimulatedPool(weeks);
    await services.remember(orders.filter(({ at }) => at < 0));
    await services.addNumbers(pool.stock(marks.target, 0), 'available');
    await eachMinute(weeks, orders, pool, async (minute) => {
      if (minute % ROUND_MINUTES !== 0) return;
      if (minute === weeks.lowMarksFrom * MINUTES_A_DAY) {
        await services.changePolicy({ ...LOW_MARKS, giveBackAfterSeconds: GIVE_BACK_AFTER_SECONDS });
      }
      const { missing, draining, released } = await services.round(minute, pool.served, pool.numbers);
      pool.served = [];
      for (const number of pool.numbers) {
        if (released.has(number.name)) pool.giveBack(number);
        else pool.setOpen(number, number.comesAt <= minute && !draining.has(number.name));
      }
      if (missing > 0) await services.addNumbers(pool.buy(missing), 'provisioning');
      progress(minute / (weeks.days * MINUTES_A_DAY), timeOf(minute));
    });
    return pool.outcome('forecast');
  } finally {
    await services.stop();
  }
}

async function eachMinute(
  weeks: Weeks,
  orders: readonly TownOrder[],
  pool: SimulatedPool,
  round: (minute: number) => void | Promise<void>,
): Promise<void> {
  let next = orders.findIndex(({ at }) => at >= 0);
  for (let minute = 0; minute < weeks.days * MINUTES_A_DAY; minute += 1) {
    const first = next;
    while (next < orders.length && orders[next]!.at === minute) next += 1;
    pool.pass(minute, orders.slice(first, next));
    const made = round(minute);
    if (made) await made;
  }
}
