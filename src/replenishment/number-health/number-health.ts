import type { CallsOfNumber } from '../../telephony/interactions/call-health.queries.js';

export type Calls = Omit<CallsOfNumber, 'number'>;

/** With fewer calls of the number, or of the rest of its pool, there is no judgement. */
const LEAST_CALLS = { number: 20, pool: 100 } as const;
/**
 * The one-sided 99.95 % quantile of the standard normal distribution. A pool has hundreds of numbers, each judged every
 * day.
 */
const DEVIATIONS = 3.29;
/** A significant difference is not enough: the rate must also differ by these factors. */
const WORSE = { answered: 0.8, short: 1.5, failed: 1.5 } as const;

/**
 * Why a number is sick compared with the rest of its pool, in words; null if it is not. Compares the favourable end of
 * the number's Wilson score interval with the unfavourable end of the pool's.
 */
export function sickBecause(number: Calls, rest: Calls): string | null {
  if (number.calls < LEAST_CALLS.number || rest.calls < LEAST_CALLS.pool) return null;
  if (mostLikely(number.answered, number.calls) < WORSE.answered * leastLikely(rest.answered, rest.calls))
    return `${share(number.answered, number.calls)} of its calls are answered, ${share(rest.answered, rest.calls)} of the pool's.`;
  if (leastLikely(number.failed, number.calls) > WORSE.failed * mostLikely(rest.failed, rest.calls))
    return `${share(number.failed, number.calls)} of its calls fail, ${share(rest.failed, rest.calls)} of the pool's.`;
  if (leastLikely(number.short, number.answered) > WORSE.short * mostLikely(rest.short, rest.answered))
    return `${share(number.short, number.answered)} of its answered calls are over at once, ${share(rest.short, rest.answered)} of the pool's.`;
  return null;
}

/** How many numbers of a pool may rest at a time: a tenth, but at least one if the pool has five or more. */
export function mayRest(numbers: number): number {
  return Math.max(Math.floor(numbers / 10), numbers >= 5 ? 1 : 0);
}

export function sumOf(all: readonly Calls[]): Calls {
  const sum = (field: keyof Calls) => all.reduce((total, one) => total + one[field], 0);
  return { calls: sum('calls'), answered: sum('answered'), short: sum('short'), failed: sum('failed') };
}

export function without(all: Calls, one: Calls): Calls {
  return {
    calls: all.calls - one.calls,
    answered: all.answered - one.answered,
    short: all.short - one.short,
    failed: all.failed - one.failed,
  };
}

function leastLikely(hits: number, tries: number): number {
  return wilson(hits, tries, -1);
}

function mostLikely(hits: number, tries: number): number {
  return wilson(hits, tries, 1);
}

/** One end of Wilson's score interval (E. B. Wilson, 1927) for a rate. */
function wilson(hits: number, tries: number, end: 1 | -1): number {
  if (tries === 0) return end === 1 ? 1 : 0;
  const [rate, z2] = [hits / tries, DEVIATIONS ** 2];
  const half = DEVIATIONS * Math.sqrt((rate * (1 - rate)) / tries + z2 / (4 * tries ** 2));
  return (rate + z2 / (2 * tries) + end * half) / (1 + z2 / tries);
}

function share(hits: number, tries: number): string {
  return `${tries === 0 ? 0 : Math.round((100 * hits) / tries)} %`;
}
