import type { E164 } from '../../phone-number/e164.js';
import type { NumberType } from '../../virtual-numbers/pools/buying-policy.js';
import type { RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';

/** The numbers to search for. */
export interface NumberWish {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** The provider's code of a region; null = any. */
  readonly region: string | null;
  /** Null = any type. */
  readonly type?: NumberType | null;
  /** Whether the number must receive texts; otherwise calls are enough. */
  readonly texts?: boolean;
}

/** A number that a provider offers. It is not reserved, so buying it may still fail. */
export interface OfferedNumber {
  readonly number: E164;
  /** Monthly rent, if the provider states it. */
  readonly rent: string | null;
}

/** A number of the account as the provider describes it. */
export interface OwnedNumber extends RentedNumber {
  /** ISO 3166-1 alpha-2, if the provider states it. */
  readonly country: string | null;
  readonly region: string | null;
}

/** Where calls to a number go: to us, nowhere, to another flow of the account, or unknown. */
export type NumberFlow = 'ours' | 'none' | 'other' | 'unknown';

/**
 * A provider's inventory of numbers. Every method throws only ProviderUnavailable or ProviderRefused. All methods
 * except `buy` may be repeated safely.
 */
export abstract class NumberProvider {
  /** Numbers for sale, cheapest first; empty if there are none. */
  abstract search(wish: NumberWish): Promise<OfferedNumber[]>;

  /**
   * Buys a number that points at our callbacks. Retries by itself only if the provider was too busy.
   * @throws ProviderBusy, ProviderNotReached, ProviderNotAsked, ProviderRefused if it was not bought
   * @throws ProviderUnavailable otherwise: it may have been bought, so read the list before a repetition
   */
  abstract buy(number: E164): Promise<RentedNumber>;

  /**
   * Every number that the account owns. Lists come in pages, so a number released meanwhile may hide another one: check
   * a missing number with `flowOf` before it counts as lost.
   */
  abstract list(): Promise<OwnedNumber[]>;

  /** Where a number's calls go now. @throws ProviderRefused with status 404 if the account does not own it */
  abstract flowOf(providerId: string): Promise<NumberFlow>;

  /** Points a number at our callbacks. @returns where its calls go now, by the provider's answer */
  abstract configure(providerId: string): Promise<NumberFlow>;

  /** Gives a number back permanently. Succeeds if the account no longer owns it. */
  abstract release(providerId: string): Promise<void>;
}
