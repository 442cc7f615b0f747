import type { NumberProvider } from '../../telephony/providers/number-provider.js';
import type { ProviderName } from '../../virtual-numbers/pools/pool.entity.js';

/** Where numbers are bought: a provider under its name. */
export interface ProviderAccount {
  readonly name: ProviderName;
  readonly provider: NumberProvider;
}
