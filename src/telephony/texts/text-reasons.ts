export const FORWARD_REASONS = ['FORWARDED', 'FORWARDED_IN_GRACE'] as const;
export type ForwardReason = (typeof FORWARD_REASONS)[number];

export const DROP_REASONS = [
  'UNKNOWN_VN', // sent to a number that is none of ours
  'CLI_WITHHELD', // no usable sender
  'UNKNOWN_CALLER', // of nobody who may dial any number of ours
  'NO_SESSION', // of somebody who may dial some number of ours, but not this one
  'ORDER_ENDED', // was joined by an order that is over
  'SELF_CALL', // sent to the number that stands for the sender
  'LOOP', // one of our own numbers sends it
  'DIRECTION_NOT_ALLOWED', // the pool lets only the other side write
  'BLOCKED', // the recipient wants nothing of this sender
  'QUIET_HOURS', // the pool's quiet hours
  'TEXTS_OFF', // the pool passes no texts on
  'TEXTS_UNAVAILABLE', // the pool's provider cannot
  'OPTED_OUT', // it says STOP: its sender gets no more texts in this order
  'OPTED_IN', // it says START: its sender gets texts again
  'RECIPIENT_OPTED_OUT', // the recipient has said STOP
  'CAP_REACHED', // as many went out from the number within the hour as a number may send
  'TOO_MANY_TEXTS', // as many went between the two within minutes as people write
  'REPEATED_TEXT', // its sender sends the same words again and again
  'NOTHING_TO_FORWARD', // only media
  'TEXT_OVER', // was decided too long ago, has been delivered, or would reach somebody else by now: it is not passed on again
  'MESSAGE_ID_REUSED', // the provider's id was used before, by another text or a call
] as const;
export type DropReason = (typeof DROP_REASONS)[number];
