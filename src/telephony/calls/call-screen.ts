import type { InboundCall } from './inbound-call.js';

/** Distinguishes real calls from invented ones, for providers whose requests do not prove that a call exists. */
export interface CallScreen {
  /**
   * Counts a call that no assignment joins to its number.
   *
   * @returns whether it is decided and recorded; false = it is refused without evaluation
   */
  missed(call: InboundCall): Promise<boolean>;

  /** Whether a connecting call may be answered with a phone. Resolves within two seconds. */
  admits(call: InboundCall): Promise<boolean>;
}
