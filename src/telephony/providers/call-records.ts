import type { CallEnd } from './call-report.js';

/** A call as a provider's books have it. */
export interface CallRecord {
  /** Null = it goes on, or its end is not booked yet. */
  readonly end: CallEnd | null;
}

/** What a provider knows of calls. Throws ProviderUnavailable or ProviderRefused and nothing else; may be repeated safely. */
export abstract class CallRecords {
  /**
   * Null when the provider knows no call of this id.
   *
   * @param lacksRecording whether to ask for its recording too, where that is another question
   */
  abstract find(providerCallId: string, lacksRecording: boolean): Promise<CallRecord | null>;
}
