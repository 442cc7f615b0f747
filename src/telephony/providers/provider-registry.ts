import { InvalidRequest } from '../../platform/http/request.problems.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { ProviderAccounts, type TextUse } from '../../virtual-numbers/pools/provider-accounts.js';
import { ProviderNotSetUp, TextsUnavailable } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import type { ProviderDefinition } from './provider-definition.js';
import type { Provider } from './provider.js';

/** All providers, and what those with an account can do. */
export class ProviderRegistry extends ProviderAccounts {
  private readonly definitions: ReadonlyMap<ProviderName, ProviderDefinition>;
  private readonly providers = new Map<ProviderName, Provider>();

  /** @param definitions of all providers; new pools use the first one that has an account */
  constructor(definitions: readonly ProviderDefinition[]) {
    super();
    this.definitions = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  /** To be used by a provider's own module while the modules start. */
  add(provider: Provider): void {
    if (!this.definitions.has(provider.name)) {
      throw new Error(`Provider ${provider.name} is not in the list of providers.`);
    }
    this.providers.set(provider.name, provider);
  }

  /** The names of all providers, with or without an account. */
  get names(): readonly ProviderName[] {
    return [...this.definitions.keys()];
  }

  /** The providers with an account. */
  get all(): readonly Provider[] {
    return [...this.providers.values()];
  }

  /** Null if it has no account, or no longer. */
  find(name: ProviderName): Provider | null {
    return this.providers.get(name) ?? null;
  }

  /** @throws ProviderNotSetUp if it has no account, or no longer */
  of(name: ProviderName): Provider {
    const provider = this.find(name);
    if (provider === null) throw new ProviderNotSetUp(name, this.definitions.get(name)?.accountNeeds ?? []);
    return provider;
  }

  get usual(): ProviderName {
    const [first] = this.names;
    return this.names.find((name) => this.providers.has(name)) ?? first!;
  }

  mustExist(name: ProviderName, field: string): void {
    if (this.definitions.has(name)) return;
    throw new InvalidRequest([`${field} must be one of the following values: ${this.names.join(', ')}`], field);
  }

  mustBeSetUp(name: ProviderName, field: string): void {
    this.mustExist(name, field);
    this.of(name);
  }

  mustForwardTexts({ provider, country }: Pick<Pool, 'provider' | 'country'>): void {
    if (this.forwardsTexts(provider, country)) return;
    throw new TextsUnavailable(provider, country, this.definitions.get(provider)?.textsNeed ?? null);
  }

  textUse({ provider, country, texts }: Pick<Pool, 'provider' | 'country' | 'texts'>): TextUse {
    return this.forwardsTexts(provider, country) ? texts : 'unavailable';
  }

  private forwardsTexts(name: ProviderName, country: string): boolean {
    return this.find(name)?.texts?.forwardsIn(country) ?? false;
  }
}
