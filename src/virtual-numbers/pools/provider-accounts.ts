import type { ProviderName } from '../provider-name.js';
import type { Pool, TextPolicy } from './pool.entity.js';

/** What can happen to texts in a pool: its policy, or `unavailable` if the provider forwards none. */
export type TextUse = TextPolicy | 'unavailable';

/** What pools ask about providers. The registry of providers answers (telephony/providers/provider-registry.ts). */
export abstract class ProviderAccounts {
  /** The provider of a pool whose request names none: the first one with an account. */
  abstract readonly usual: ProviderName;

  /**
   * @param field that holds the name, for the message
   * @throws InvalidRequest if no provider has this name
   */
  abstract mustExist(provider: ProviderName, field: string): void;

  /** @throws InvalidRequest if no provider has this name; ProviderNotSetUp if it has no account */
  abstract mustBeSetUp(provider: ProviderName, field: string): void;

  /** @throws TextsUnavailable if the provider forwards no texts from numbers of the country */
  abstract mustForwardTexts(pool: Pick<Pool, 'provider' | 'country'>): void;

  /** What happens to texts to numbers of this provider and country. */
  abstract textUse(pool: Pick<Pool, 'provider' | 'country' | 'texts'>): TextUse;
}
