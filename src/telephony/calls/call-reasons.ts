export const CONNECT_REASONS = ['CONNECTED', 'CONNECTED_IN_GRACE'] as const;
export type ConnectReason = (typeof CONNECT_REASONS)[number];

export const REFUSE_REASONS = [
  'UNKNOWN_VN', // the dialled number is none of ours
  'CLI_WITHHELD', // no usable caller number
  'UNKNOWN_CALLER', // nobody who may dial any number of ours
  'NO_SESSION', // may dial some number of ours, but not this one
  'ORDER_ENDED', // was joined by an order that is over
  'SELF_CALL', // dials the number that stands for the caller
  'LOOP', // one of our own numbers calls
  'DIRECTION_NOT_ALLOWED', // the pool lets only the other side call
  'BLOCKED', // the callee wants no calls of this caller
  'QUIET_HOURS', // the pool's quiet hours
  'CAP_REACHED', // called the same person as often within the hour as the pool allows
  'PIN_WRONG', // keyed no PIN that leads anywhere behind this number, or none at all
  'PIN_LOCKED', // too many wrong PINs, of this caller or on this number; the PIN was not even looked at
  'CALL_ID_REUSED', // the provider's call id was used before, by another caller or for another number
  'ALREADY_CONNECTED', // the call was connected at an earlier step
  'CALL_OVER', // the call was decided too long ago, has ended, or would reach somebody else by now: no answer is repeated
  'TOO_MANY_MISSES', // reached nobody as often within a minute as a caller may; not recorded
  'NOT_CONFIRMED', // would connect, but callers were being tried out, and the provider did not confirm the call in time
  'STALE_STATE', // we could not look in time
] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

/** Why a PIN is asked for: for the first time, or because the last one was wrong or not looked at. Say no difference between those two. */
export const ASK_REASONS = ['PIN_REQUIRED', 'PIN_WRONG', 'PIN_LOCKED'] as const;
export type AskReason = (typeof ASK_REASONS)[number];

export type CallReason = ConnectReason | RefuseReason | AskReason;

/** A decision about a call, with its reason. */
export type CallAnswer =
  | { readonly decision: 'connect'; readonly reason: ConnectReason }
  | { readonly decision: 'refuse'; readonly reason: RefuseReason }
  | { readonly decision: 'ask-pin'; readonly reason: AskReason };
