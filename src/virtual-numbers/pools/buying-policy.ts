import { Column } from 'typeorm';

export const SWITCH = ['on', 'off'] as const;
export type Switch = (typeof SWITCH)[number];

/** What kind of number to buy; toll-free ones are nobody's masked number. */
export const NUMBER_TYPES = ['landline', 'mobile'] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** What becomes of a number that the account owns and no pool has. */
export const UNKNOWN_NUMBERS = ['import', 'report'] as const;
export type UnknownNumbers = (typeof UNKNOWN_NUMBERS)[number];

/** Money is exact in the database, which alone reckons with it. */
const money = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (amount?: number | null) => amount,
};

/** What a pool may buy, from whom, and for how much. `maxNumbers` beside it says how many. */
export abstract class BuyingPolicy {
  /** Off = nothing is bought for this pool, whatever it lacks. */
  @Column('text') buying: Switch;
  /** A month's rents of the numbers bought in one day of UTC, in `currency`; null = no limit. */
  @Column('numeric', { name: 'max_spend_per_day', nullable: true, transformer: money }) maxSpendPerDay: number | null;
  /** The same in one month of UTC. */
  @Column('numeric', { name: 'max_spend_per_month', nullable: true, transformer: money }) maxSpendPerMonth:
    number | null;
  /** A month's rent of one number; a number whose rent the provider does not say counts as this much. */
  @Column('numeric', { name: 'max_rent', nullable: true, transformer: money }) maxRent: number | null;
  /** ISO 4217. */
  @Column('text', { nullable: true }) currency: string | null;
  /** Null = whatever the provider has. */
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

/** @returns what contradicts itself, in a sentence; null when nothing does */
export function unsoundBuying(
  policy: BuyingPolicy & { readonly provider: string; readonly alternativeProvider: string | null },
): string | null {
  const { maxSpendPerDay, maxSpendPerMonth, maxRent, currency, provider, alternativeProvider } = policy;
  const limit = maxSpendPerDay ?? maxSpendPerMonth ?? maxRent;
  if (limit !== null && currency === null)
    return 'maxSpendPerDay, maxSpendPerMonth and maxRent are amounts of money: say in which currency, as in INR.';
  if (alternativeProvider === provider)
    return `alternativeProvider is ${provider}, as provider is: name another one, or null for none.`;
  return null;
}
