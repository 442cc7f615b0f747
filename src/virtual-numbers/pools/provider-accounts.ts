import { PROVIDERS, type ProviderName } from '../provider-name.js';
import { ProviderNotSetUp } from './virtual-numbers.problems.js';

/** The providers with which this installation has an account. */
export class ProviderAccounts {
  private readonly present: ReadonlySet<ProviderName>;

  constructor(providers: readonly ProviderName[]) {
    this.present = new Set(providers);
  }

  /** Of a pool for which nobody names one. */
  get usual(): ProviderName {
    return PROVIDERS.find((provider) => this.present.has(provider)) ?? PROVIDERS[0];
  }

  /** @throws ProviderNotSetUp */
  require(provider: ProviderName): void {
    if (!this.present.has(provider)) throw new ProviderNotSetUp(provider);
  }
}
