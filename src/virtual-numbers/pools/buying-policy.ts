import { Column } from 'typeorm';

export const SWITCH = ['on', 'off'] as const;
export type Switch = (typeof SWITCH)[number];

/** Types of numbers to buy. Toll-free numbers cannot be shown in place of a participant's. */
export const NUMBER_TYPES = ['landline', 'mobile'] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** What happens to a number of the account that is in no pool. */
export const UNKNOWN_NUMBERS = ['import', 'report'] as const;
export type UnknownNumbers = (typeof UNKNOWN_NUMBERS)[number];

/** Money is exact in the database, where all arithmetic on it is done. */
const money = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (amount?: number | null) => amount,
};

/** What a pool may buy, from which provider, and for how much. `maxNumbers` says how many. */
export abstract class BuyingPolicy {
  /** Off = buy nothing for this pool. */
  @Column('text') buying: Switch;
  /** Limit for the monthly rents of the numbers bought in one UTC day, in `currency`; null = no limit. */
  @Column('numeric', { name: 'max_spend_per_day', nullable: true, transformer: money }) maxSpendPerDay: number | null;
  /** The same for one UTC month. */
  @Column('numeric', { name: 'max_spend_per_month', nullable: true, transformer: money }) maxSpendPerMonth:
    | number
    | null;
  /**
   * Highest monthly rent of one number; null = no limit. A rent that the provider does not state counts as this amount.
   */
  @Column('numeric', { name: 'max_rent', nullable: true, transformer: money }) maxRent: number | null;
  /** ISO 4217. */
  @Column('text', { nullable: true }) currency: string | null;
  /** Null = any type. */
  @Column('text', { name: 'number_type', nullable: true }) numberType: NumberType | null;
  @Column('text', { name: 'unknown_numbers' }) unknownNumbers: UnknownNumbers;
}

export const DEFAULT_BUYING = {
  buying: 'on',
  maxSpendPerDay: null,
  maxSpendPerMonth: null,
  maxRent: null,
  currency: null,
  numberType: null,
  unknownNumbers: 'import',
} as const;

/** Which fields contradict each other, and why, in one sentence; null if none do. */
export function unsoundBuying(
  policy: BuyingPolicy & { readonly provider: string; readonly alternativeProvider: string | null },
): { readonly fields: readonly [string, ...string[]]; readonly why: string } | null {
  const { maxSpendPerDay, maxSpendPerMonth, maxRent, currency, provider, alternativeProvider } = policy;
  const limit = maxSpendPerDay ?? maxSpendPerMonth ?? maxRent;
  if (limit !== null && currency === null)
    return {
      fields: ['currency', 'maxSpendPerDay', 'maxSpendPerMonth', 'maxRent'],
      why: 'maxSpendPerDay, maxSpendPerMonth and maxRent need a currency: set currency, as in INR.',
    };
  if (alternativeProvider === provider)
    return {
      fields: ['alternativeProvider'],
      why: `alternativeProvider is ${provider}, the same as provider: set another provider, or null for none.`,
    };
  return null;
}
