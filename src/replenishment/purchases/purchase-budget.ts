import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { Spending } from './purchases.queries.js';

/** A purchase reached a part of a budget that an operator should know about. */
export interface Crossing {
  readonly budget: 'numbers' | 'day' | 'month';
  readonly percent: (typeof THRESHOLDS)[number];
  readonly limit: number;
}

export type Verdict =
  | {
      readonly ok: true;
      /** The rent that counts against the budget. */ readonly rent: string | null;
      readonly crossings: readonly Crossing[];
    }
  | { readonly ok: false; /** In one sentence. */ readonly reason: string };

const THRESHOLDS = [80, 100] as const;
/** Rents are stored to the ten-thousandth; whole numbers keep sums exact. */
const UNIT = 10_000;

/**
 * Whether a pool may buy one more number. A rent that the provider does not state counts as the pool's `maxRent`, or
 * else as the highest rent the pool has paid there. A pool with a spending limit and neither of these does not buy.
 *
 * @param numbers of the pool: owned, or ordered with unknown end
 * @param offeredRent monthly rent that the provider states; null = unknown
 */
export function judge(pool: Pool, numbers: number, spent: Spending, offeredRent: string | null): Verdict {
  const { currency, maxSpendPerDay, maxSpendPerMonth, maxRent, maxNumbers } = pool;
  if (pool.buying === 'off') return no(`Buying is off for pool ${pool.name}.`);
  if (numbers >= maxNumbers) return no(`Pool ${pool.name} has ${numbers} numbers, and may have ${maxNumbers}.`);

  const hasMoneyLimit = maxSpendPerDay !== null || maxSpendPerMonth !== null;
  const rent = offeredRent ?? (maxRent === null ? spent.highestRent : String(maxRent));
  if (hasMoneyLimit && spent.foreignCurrency !== null)
    return no(
      `The provider charges in ${spent.foreignCurrency}, but the limits of pool ${pool.name} are in ${currency}.`,
    );
  if (hasMoneyLimit && rent === null)
    return no(`The provider does not state the rent, which pool ${pool.name} must count. Set maxRent of the pool.`);

  const price = Math.round(Number(rent ?? 0) * UNIT);
  const limits = [
    { budget: 'numbers', limit: maxNumbers, before: numbers, after: numbers + 1, unit: 1 },
    { budget: 'day', limit: maxSpendPerDay, before: spent.today, after: spent.today + price, unit: UNIT },
    { budget: 'month', limit: maxSpendPerMonth, before: spent.thisMonth, after: spent.thisMonth + price, unit: UNIT },
  ] as const;
  const crossings: Crossing[] = [];
  for (const { budget, limit, before, after, unit } of limits) {
    if (limit === null) continue;
    const most = Math.round(limit * unit);
    if (after > most)
      return no(`Pool ${pool.name} may spend ${limit} ${currency} a ${budget}: ${rent} more would be too much.`);
    for (const percent of THRESHOLDS) {
      const threshold = (most * percent) / 100;
      if (before < threshold && after >= threshold) crossings.push({ budget, percent, limit });
    }
  }
  return { ok: true, rent, crossings };
}

function no(reason: string): Verdict {
  return { ok: false, reason };
}
