import { Injectable } from '@nestjs/common';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { ProviderNotSetUp } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import type { NumberProvider } from './number-provider.js';

/** The inventories of the providers with which this installation has an account; each adapter's module puts its own in. */
@Injectable()
export class NumberProviders {
  private readonly adapters = new Map<ProviderName, NumberProvider>();

  add(provider: ProviderName, adapter: NumberProvider): void {
    this.adapters.set(provider, adapter);
  }

  /** @throws ProviderNotSetUp when its account is not (or no longer) in the settings. */
  of(provider: ProviderName): NumberProvider {
    const adapter = this.adapters.get(provider);
    if (!adapter) throw new ProviderNotSetUp(provider);
    return adapter;
  }
}
