import type { CallsOfNumber } from '../../telephony/interactions/call-health.queries.js';

export type Calls = Omit<CallsOfNumber, 'number'>;

/** Fewer calls of the number, or of the rest of its pool, say nothing. */
const LEAST_CALLS = { number: 20, pool: 100 } as const;
/** Of the standard normal law, one-sided 99.95 %: pools have hundreds of numbers, and each is judged day after day. */
const DEVIATIONS = 3.29;
/** What is surely different is not yet bad: it must be worse by so much. */
const WORSE = { answered: 0.8, short: 1.5, failed: 1.5 } as const;

/**
 * Why a number is sick beside the rest of its pool, in words, or null. By Wilson's score interval: the best that its rate
 * may be by chance is still clearly worse than the worst that the pool's may be.
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

/** How many numbers of a pool may rest because they are sick: a tenth, and one where the pool can spare it. */
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

/** E. B. Wilson, 1927: an end of the interval in which a rate lies that had so many hits in so many tries. */
function wilson(hits: number, tries: number, end: 1 | -1): number {
  if (tries === 0) return end === 1 ? 1 : 0;
  const [rate, z2] = [hits / tries, DEVIATIONS ** 2];
  const half = DEVIATIONS * Math.sqrt((rate * (1 - rate)) / tries + z2 / (4 * tries ** 2));
  return (rate + z2 / (2 * tries) + end * half) / (1 + z2 / tries);
}

function share(hits: number, tries: number): string {
  return `${tries === 0 ? 0 : Math.round((100 * hits) / tries)} %`;
}
