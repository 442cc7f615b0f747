import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { CallPlacer } from './call-placer.js';
import type { CallRecords } from './call-records.js';
import type { NumberProvider } from './number-provider.js';
import type { RecordingSource } from './recording-source.js';
import type { TextSender } from './text-sender.js';

/**
 * A company that rents us numbers and carries calls, as the rest of the code knows it: what it can do with our account.
 * Null = it cannot. How it asks us about calls and texts is the business of its own folder.
 */
export interface Provider {
  readonly name: ProviderName;
  /** Numbers: search, buy, list, point at us, release. A pool cannot do without. */
  readonly numbers: NumberProvider;
  /** Calls that we order. */
  readonly calls: CallPlacer | null;
  /** How calls ended, for those whose end was never reported. */
  readonly callRecords: CallRecords | null;
  readonly recordings: RecordingSource | null;
  readonly texts: ProviderTexts | null;
}

/** Forwarding texts from our numbers. */
export interface ProviderTexts {
  /** @param country of the number, ISO 3166-1 alpha-2 */
  forwardsIn(country: string): boolean;
  /** Null = no request is needed: the provider sends the text that the answer to its callback holds. */
  readonly sender: TextSender | null;
}
