import type { E164 } from '../../phone-number/e164.js';
import type { NumberType } from '../../virtual-numbers/pools/buying-policy.js';
import type { RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';

/** What numbers to look for. */
export interface NumberWish {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** The provider's code of a region, or null for any. */
  readonly region: string | null;
  /** Null = whatever the provider has. */
  readonly type?: NumberType | null;
  /** Whether it must take texts; a number that only takes calls will else do. */
  readonly texts?: boolean;
}

/** A number that a provider offers. Nothing is reserved: buying it may still fail. */
export interface OfferedNumber {
  readonly number: E164;
  /** A month's rent, where the provider says. */
  readonly rent: string | null;
}

/** A number of ours as the provider knows it now. */
export interface OwnedNumber extends RentedNumber {
  /** ISO 3166-1 alpha-2, where the provider says. */
  readonly country: string | null;
  readonly region: string | null;
}

/** Where calls to a number go: to us, nowhere, to something else of the account, or the provider does not say. */
export type NumberFlow = 'ours' | 'none' | 'other' | 'unknown';

/**
 * A provider's inventory. Every method throws ProviderUnavailable or ProviderRefused and nothing else. All may be
 * repeated safely but `buy`.
 */
export abstract class NumberProvider {
  /** Numbers for sale, cheapest first; empty when there are none. */
  abstract search(wish: NumberWish): Promise<OfferedNumber[]>;

  /**
   * Buys a number, pointed at our callbacks. Asked again by itself only where the provider says that it was too busy.
   * @throws ProviderBusy, ProviderNotReached, ProviderNotAsked, ProviderRefused when it was not bought.
   * @throws ProviderUnavailable otherwise: it may have been bought, so read the list before asking again.
   */
  abstract buy(number: E164): Promise<RentedNumber>;

  /**
   * Every number the account owns. It comes page by page, so one released meanwhile may hide another: before a number
   * counts as lost, ask for it by `flowOf`.
   */
  abstract list(): Promise<OwnedNumber[]>;

  /** Where a number's calls go now. @throws ProviderRefused with status 404 when the account does not own it. */
  abstract flowOf(providerId: string): Promise<NumberFlow>;

  /** Points a number at our callbacks. @returns where its calls go now by the provider's answer */
  abstract configure(providerId: string): Promise<NumberFlow>;

  /** Gives a number back, for good. One that is gone already is no failure. */
  abstract release(providerId: string): Promise<void>;
}
