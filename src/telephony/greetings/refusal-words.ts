import type { CallAnswer, RefuseReason } from '../decisions/call-reasons.js';
import type { Saying } from './greetings.js';

/** The cases of the flow's Switch Case applet. `pin` leads to a Gather applet, the others to a Greeting. */
export type RefusalCase =
  | 'expired'
  | 'unknown_caller'
  | 'inactive_number'
  | 'not_allowed'
  | 'pin'
  | 'pin_wrong'
  | 'error';

/**
 * If the caller cannot be identified, they hear the same message as an unknown caller, so that it reveals nothing; only
 * participants hear that their order has ended. A blocked caller hears the same as one whose call the pool does not
 * allow, and a caller without PIN tries left the same as after a wrong PIN.
 */
const CASE_OF_REASON: Readonly<Record<RefuseReason, RefusalCase>> = {
  ORDER_ENDED: 'expired',
  LINK_CLOSED: 'expired',
  ORDER_UNCONFIRMED: 'error',
  NOT_CONNECTED_YET: 'not_allowed',
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
  TRY_LATER: 'error',
  STALE_STATE: 'error',
};

/** @param last null if no decision is recorded, which means a failure */
export function refusalCase(last: CallAnswer | null): RefusalCase {
  if (last?.decision === 'ask-pin') return 'pin';
  if (last?.decision !== 'refuse') return 'error';
  return CASE_OF_REASON[last.reason] ?? 'error'; // a newer version may have recorded another reason
}

/**
 * The final words for the caller. A caller who dialled the number that stands for them hears which number to dial, in
 * the same branch of the flow as an unknown caller. A caller whose callee is not known yet hears so, in the same branch
 * as one whose call is not allowed; one whose call cannot be decided without the database, or whose order is unconfirmed, in the branch of an error. A
 * caller whose number no longer joins them to anybody, although the order goes on, hears so in the branch of an ended
 * order. After `pin`, the caller has entered nothing, the first time or after a wrong PIN.
 */
export function refusalSaying(last: CallAnswer | null): Saying {
  const branch = refusalCase(last);
  if (last?.reason === 'SELF_CALL') return 'self_call';
  if (last?.reason === 'LINK_CLOSED') return 'link_closed';
  if (last?.reason === 'NOT_CONNECTED_YET') return 'not_connected_yet';
  if (last?.reason === 'TRY_LATER' || last?.reason === 'ORDER_UNCONFIRMED') return 'try_later';
  if (branch !== 'pin') return branch;
  return last?.reason === 'PIN_REQUIRED' ? 'pin_missing' : 'pin_wrong';
}
