import { Demand, STEPS_A_DAY } from './demand.js';
import { Random } from './random.js';

export const MINUTES_A_DAY = 24 * 60;

/** The weeks of a town: how many orders it has, and when. */
export interface Weeks {
  /** Orders of an ordinary day in the first week. */
  readonly ordersADay: number;
  readonly agents: number;
  /** Days before the simulation, which give the pool a history. 0 = the pool opens at its start. */
  readonly daysBefore: number;
  readonly days: number;
  /** The day, from 0, on which the pool with the forecast gets low marks. Until then it has the static ones. */
  readonly lowMarksFrom: number;
  /** Orders of a week, divided by those of the week before. */
  readonly growth: number;
  /** The simulated day, from 0, on which the agents strike; null = none. */
  readonly strikeDay: number | null;
  readonly leadHours: number;
  readonly quarantineHours: number;
  readonly graceMinutes: number;
  readonly seed: number;
}

export interface TownOrder {
  /** Minutes since midnight of the first simulated day; negative before it. */
  readonly at: number;
  /** Minutes for which the order holds its two numbers, including grace. */
  readonly holds: number;
  readonly agent: number;
  readonly customer: number;
}

/** Monday to Sunday. The first day is a Monday. */
const OF_THE_WEEK = [0.9, 0.9, 0.95, 1, 1.3, 1.4, 1.2] as const;
const STRIKE = 0.15;
const AFTER_A_STRIKE = 1.1;
/** The random variation of a day's orders. */
const MOOD = 0.08;
/** Minutes from getting the numbers to the end, without grace. */
const DELIVERY = [20, 60] as const;

/** All orders of the weeks, oldest first: a Poisson process with peaks at lunch and dinner, busier at the weekend. */
export function drawOrders(weeks: Weeks): TownOrder[] {
  const random = new Random(weeks.seed);
  const orders: TownOrder[] = [];
  for (let day = -weeks.daysBefore; day < weeks.days; day += 1) {
    const since = day + weeks.daysBefore;
    const mood = random.between(1 - MOOD, 1 + MOOD);
    const strike = day === weeks.strikeDay ? STRIKE : day - 1 === weeks.strikeDay ? AFTER_A_STRIKE : 1;
    const demand = new Demand(weeks.ordersADay * OF_THE_WEEK[since % 7]! * weeks.growth ** (since / 7) * mood * strike);
    for (let step = 0; step < STEPS_A_DAY; step += 1) {
      for (let left = demand.arrivals(step, random); left > 0; left -= 1) {
        orders.push({
          at: day * MINUTES_A_DAY + Math.floor((step * MINUTES_A_DAY) / STEPS_A_DAY),
          holds: Math.round(random.between(...DELIVERY)) + weeks.graceMinutes,
          agent: random.below(weeks.agents),
          customer: random.below(20 * weeks.agents),
        });
      }
    }
  }
  return orders;
}
