import type { E164 } from '../../phone-number/e164.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** A call to one of our numbers, from any provider. */
export interface InboundCall {
  readonly provider: ProviderName;
  /** The provider's id of the call, the same in all its requests. */
  readonly providerCallId: string;
  /**
   * The step of the provider's flow that sends the request. A call may be decided again at another step, or with other
   * digits. Each question for a PIN is a separate step, so the same PIN entered twice counts as two tries.
   */
  readonly step: string;
  /** The dialled number, most likely form first: a provider may report it in two forms. */
  readonly dialled: readonly E164[];
  /** Null = withheld, or not a number. */
  readonly caller: E164 | null;
  /** The digits of a PIN; null = not asked yet, '' = asked, and nothing was entered. */
  readonly digits: string | null;
}
