import type { NumberProvider } from '../../telephony/providers/number-provider.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** A provider, with its name, as an account that sells and lists numbers. */
export interface ProviderAccount {
  readonly name: ProviderName;
  readonly provider: NumberProvider;
}
