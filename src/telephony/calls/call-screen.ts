import type { InboundCall } from './call-decision.js';

/** Tells made-up calls from real ones, where a provider's request does not prove that there is a call. */
export interface CallScreen {
  /**
   * Counts a call that no assignment joins to its number.
   *
   * @returns whether it is heard: recorded, and told why nobody is rung
   */
  missed(call: InboundCall): Promise<boolean>;

  /** Whether a call that is to connect may be answered with a phone. Resolves within two seconds. */
  admits(call: InboundCall): Promise<boolean>;
}
