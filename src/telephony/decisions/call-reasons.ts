export const CONNECT_REASONS = ['CONNECTED', 'CONNECTED_IN_GRACE'] as const;
export type ConnectReason = (typeof CONNECT_REASONS)[number];

export const REFUSE_REASONS = [
  'UNKNOWN_VN', // the dialled number is not ours
  'CLI_WITHHELD', // no usable caller number
  'UNKNOWN_CALLER', // the caller may dial none of our numbers
  'NO_SESSION', // the caller may dial another of our numbers, but not this one
  'ORDER_ENDED', // the order that joined them is over
  'LINK_CLOSED', // the link was closed, the callee left or the number was replaced, and the caller is still on the order
  'ORDER_UNCONFIRMED', // the database was restored, and the order system has not placed the order again yet
  'NOT_CONNECTED_YET', // the link is half-open: the participant whom the number leads to is not known yet
  'SELF_CALL', // the caller dialled the number that stands for the caller
  'LOOP', // one of our own numbers calls
  'DIRECTION_NOT_ALLOWED', // the link, or the pool, lets only the other participant call
  'BLOCKED', // the callee blocks this caller
  'QUIET_HOURS', // the pool's quiet hours
  'CAP_REACHED', // the caller reached the pool's cap on calls to this person within an hour
  'PIN_WRONG', // the PIN matches nobody behind this number, or none was entered
  'PIN_LOCKED', // too many wrong PINs of this caller or in this pool; the PIN was not checked
  'CALL_ID_REUSED', // another caller or number has used the provider's call id before
  'ALREADY_CONNECTED', // the call was connected at an earlier step
  'CALL_OVER', // the call was decided too long ago, has ended, or would now reach another person: no answer is repeated
  'TOO_MANY_MISSES', // the caller reached nobody too often within a minute; not recorded
  'NOT_CONFIRMED', // the call would connect, but callers were being tried out, and the provider did not confirm the call in time
  'TRY_LATER', // the database does not answer, and the call cannot be decided without it
  'STALE_STATE', // Maskline could not decide in time
] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

/**
 * Why a PIN is asked for: for the first time, or because the last one was wrong or not checked. A caller
 * hears the same after a wrong PIN and after one that was not checked.
 */
export const ASK_REASONS = ['PIN_REQUIRED', 'PIN_WRONG', 'PIN_LOCKED'] as const;
export type AskReason = (typeof ASK_REASONS)[number];

/** A decision about a call, with its reason. */
export type CallAnswer =
  | { readonly decision: 'connect'; readonly reason: ConnectReason }
  | { readonly decision: 'refuse'; readonly reason: RefuseReason }
  | { readonly decision: 'ask-pin'; readonly reason: AskReason };
