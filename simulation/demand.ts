import type { City } from './options.js';
import type { Random } from './random.js';

export const STEP_SECONDS = 30;
export const STEPS_A_DAY = (24 * 60 * 60) / STEP_SECONDS;

/** The relative demand at an hour of the day: low at night, a peak at lunch, a higher one at dinner. */
function busyness(hour: number): number {
  const peak = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2) / 2);
  const awake = hour >= 1.5 && hour < 7 ? 0.02 : 0.15;
  return awake + peak(13, 1.1) + 1.35 * peak(20, 1.4);
}

/** Expected orders in each step of a day: a Poisson process whose rate follows `busyness`. */
export class Demand {
  private readonly expected: Float64Array;

  constructor(readonly ordersADay: number) {
    const shape = Float64Array.from({ length: STEPS_A_DAY }, (_, step) => busyness((24 * (step + 0.5)) / STEPS_A_DAY));
    const sum = shape.reduce((total, one) => total + one, 0);
    this.expected = shape.map((one) => (ordersADay * one) / sum);
  }

  static of(city: City): Demand {
    return new Demand(city.agents * city.ordersPerAgent);
  }

  arrivals(step: number, random: Random): number {
    return random.poisson(this.expected[step % STEPS_A_DAY]!);
  }

  /** Expected orders in the busiest span of this many minutes. */
  busiest(minutes: number): number {
    const steps = Math.round((minutes * 60) / STEP_SECONDS);
    let most = 0;
    for (let from = 0; from < STEPS_A_DAY; from += 1) {
      let sum = 0;
      for (let step = from; step < from + steps; step += 1) sum += this.expected[step % STEPS_A_DAY]!;
      most = Math.max(most, sum);
    }
    return most;
  }
}
