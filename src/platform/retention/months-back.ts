import { monthOf, monthsBefore } from './monthly-partitions.js';

/** Some months, as parameters for `monthBound`. */
export interface Months {
  readonly from: string;
  /** The first instant after them. */
  readonly until: string;
}

export const ALL_MONTHS: Months = { from: '-infinity', until: 'infinity' };

/** The months that contain a span of time. */
export function monthsBetween(first: Date, last: Date): Months {
  return { from: monthOf(first).toISOString(), until: monthsBefore(monthOf(last), -1).toISOString() };
}

/** As many steps lead back for more than a year. One more has all months before. */
const STEPS = 4;

/**
 * The months to read one after another for rows that are probably new: the month of the latest instant, then the two
 * before, then the four before, and at last all the rest. Whoever finds enough reads no further.
 */
export function* monthsBack(latest: Date): Generator<Months> {
  let month = monthOf(latest);
  let until = monthsBefore(month, -1).toISOString();
  for (let step = 0; step < STEPS; step += 1) {
    month = step === 0 ? month : monthsBefore(month, 2 ** step);
    const from = month.toISOString();
    yield { from, until };
    until = from;
  }
  yield { from: '-infinity', until };
}
