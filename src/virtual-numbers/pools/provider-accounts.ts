import { PROVIDERS, type ProviderName } from '../provider-name.js';
import { ProviderNotSetUp } from './virtual-numbers.problems.js';

/** The providers for which this installation has an account. */
export class ProviderAccounts {
  private readonly present: ReadonlySet<ProviderName>;

  constructor(providers: readonly ProviderName[]) {
    this.present = new Set(providers);
  }

  /** The provider of a pool whose request names none. */
  get usual(): ProviderName {
    return PROVIDERS.find((provider) => this.present.has(provider)) ?? PROVIDERS[0];
  }

  /** @throws ProviderNotSetUp */
  require(provider: ProviderName): void {
    if (!this.present.has(provider)) throw new ProviderNotSetUp(provider);
  }
}
