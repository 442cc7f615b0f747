import type { Saying } from './greetings.js';

/** The cases to name in the flow's Switch Case applet. `pin` leads to a Gather applet, the others to a Greeting. */
export type RefusalCase = 'expired' | 'unknown_caller' | 'inactive_number' | 'not_now' | 'pin' | 'error';

/**
 * Whom the caller is not told apart from a stranger hears a stranger's words; only somebody of the order itself is told
 * that it has ended.
 */
const CASE_OF_REASON: Readonly<Record<string, RefusalCase>> = {
  ORDER_ENDED: 'expired',
  UNKNOWN_CALLER: 'unknown_caller',
  NO_SESSION: 'unknown_caller',
  CLI_WITHHELD: 'unknown_caller',
  SELF_CALL: 'unknown_caller',
  LOOP: 'unknown_caller',
  UNKNOWN_VN: 'inactive_number',
};

/** @param reason the decision's; null when none was recorded, which means that something broke */
export function refusalCase(reason: string | null): RefusalCase {
  return (reason !== null && CASE_OF_REASON[reason]) || 'error';
}

/** What the caller hears at last. Behind `pin` that is somebody who keyed nothing, or nothing that helped. */
export function refusalSaying(reason: string | null): Saying {
  const branch = refusalCase(reason);
  if (branch !== 'pin') return branch;
  return reason === 'PIN_REQUIRED' ? 'pin_missing' : 'pin_wrong';
}
