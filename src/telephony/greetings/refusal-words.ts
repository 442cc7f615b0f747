import type { CallAnswer, RefuseReason } from '../calls/call-reasons.js';
import type { Saying } from './greetings.js';

/** The cases to name in the flow's Switch Case applet. `pin` leads to a Gather applet, the others to a Greeting. */
export type RefusalCase =
  'expired' | 'unknown_caller' | 'inactive_number' | 'not_allowed' | 'pin' | 'pin_wrong' | 'error';

/**
 * Whom the caller is not told apart from a stranger hears a stranger's words; only somebody of the order itself is told
 * that it has ended. Who is blocked hears what everybody hears whose call the pool does not allow, and who has no guess
 * left what everybody hears whose PIN is wrong.
 */
const CASE_OF_REASON: Readonly<Record<RefuseReason, RefusalCase>> = {
  ORDER_ENDED: 'expired',
  UNKNOWN_CALLER: 'unknown_caller',
  NO_SESSION: 'unknown_caller',
  CLI_WITHHELD: 'unknown_caller',
  SELF_CALL: 'unknown_caller',
  LOOP: 'unknown_caller',
  UNKNOWN_VN: 'inactive_number',
  DIRECTION_NOT_ALLOWED: 'not_allowed',
  BLOCKED: 'not_allowed',
  QUIET_HOURS: 'not_allowed',
  CAP_REACHED: 'not_allowed',
  PIN_WRONG: 'pin_wrong',
  PIN_LOCKED: 'pin_wrong',
  CALL_ID_REUSED: 'error',
  ALREADY_CONNECTED: 'error',
  CALL_OVER: 'error',
  TOO_MANY_MISSES: 'error',
  NOT_CONFIRMED: 'error',
  STALE_STATE: 'error',
};

/** @param last null when no decision was recorded, which means that something broke */
export function refusalCase(last: CallAnswer | null): RefusalCase {
  if (last?.decision === 'ask-pin') return 'pin';
  if (last?.decision !== 'refuse') return 'error';
  return CASE_OF_REASON[last.reason] ?? 'error'; // a newer version may have recorded a reason of its own
}

/**
 * What the caller hears at last. Somebody who dials the number that stands for them is told which number to dial instead, in
 * the same branch of the flow as a stranger. Behind `pin` that is somebody who keyed nothing, the first time or after a wrong PIN.
 */
export function refusalSaying(last: CallAnswer | null): Saying {
  const branch = refusalCase(last);
  if (last?.reason === 'SELF_CALL') return 'self_call';
  if (branch !== 'pin') return branch;
  return last?.reason === 'PIN_REQUIRED' ? 'pin_missing' : 'pin_wrong';
}
