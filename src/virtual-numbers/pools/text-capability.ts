import type { Pool, TextPolicy } from './pool.entity.js';
import type { ProviderName } from '../provider-name.js';

/** What can happen to texts in a pool: its policy, or `unavailable` if the provider forwards none. */
export type TextUse = TextPolicy | 'unavailable';

/** Which providers can forward texts, and in which countries. */
export class TextCapability {
  /** @param countries for each provider that can forward texts, whether it can in a country (ISO 3166-1 alpha-2) */
  constructor(private readonly countries: Partial<Readonly<Record<ProviderName, (country: string) => boolean>>>) {}

  isThere({ provider, country }: Pick<Pool, 'provider' | 'country'>): boolean {
    return this.countries[provider]?.(country) ?? false;
  }

  useOf(pool: Pick<Pool, 'provider' | 'country' | 'texts'>): TextUse {
    return this.isThere(pool) ? pool.texts : 'unavailable';
  }
}
