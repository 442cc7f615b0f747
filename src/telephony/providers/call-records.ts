import type { CallEnd } from './call-report.js';

/** A call in the provider's records. */
export interface CallRecord {
  /** Null = the call is in progress, or its end is not recorded yet. */
  readonly end: CallEnd | null;
}

/** A provider's records of calls. Throws only ProviderUnavailable or ProviderRefused; may be repeated safely. */
export abstract class CallRecords {
  /**
   * Null if the provider knows no call with this id.
   *
   * @param lacksRecording whether to read its recording too, which may need another request
   */
  abstract find(providerCallId: string, lacksRecording: boolean): Promise<CallRecord | null>;
}
