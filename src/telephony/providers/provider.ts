import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { CallPlacer } from './call-placer.js';
import type { CallRecords } from './call-records.js';
import type { NumberProvider } from './number-provider.js';
import type { RecordingSource } from './recording-source.js';
import type { TextSender } from './text-sender.js';

/**
 * A company that rents us numbers and carries calls, with what it can do with our account. Null = it cannot. Its
 * callbacks are handled in its own folder.
 */
export interface Provider {
  readonly name: ProviderName;
  /** Search, buy, list, point at us, and release numbers. Every pool needs this. */
  readonly numbers: NumberProvider;
  /** Ordered calls. */
  readonly calls: CallPlacer | null;
  /** The ends of calls that were not reported. */
  readonly callRecords: CallRecords | null;
  readonly recordings: RecordingSource | null;
  readonly texts: ProviderTexts | null;
}

/** Forwarding texts from our numbers. */
export interface ProviderTexts {
  /** @param country of the number, ISO 3166-1 alpha-2 */
  forwardsIn(country: string): boolean;
  /** Null = no request is needed, because the provider sends the text in the answer to its callback. */
  readonly sender: TextSender | null;
}
