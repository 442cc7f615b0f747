export const FORWARD_REASONS = ['FORWARDED', 'FORWARDED_IN_GRACE'] as const;
export type ForwardReason = (typeof FORWARD_REASONS)[number];

export const DROP_REASONS = [
  'UNKNOWN_VN', // sent to a number that is not ours
  'CLI_WITHHELD', // no usable sender
  'UNKNOWN_CALLER', // the sender may dial none of our numbers
  'NO_SESSION', // the sender may dial another of our numbers, but not this one
  'ORDER_ENDED', // the order that joined them is over
  'LINK_CLOSED', // the link was closed, the recipient left or the number was replaced, and the sender is still on the order
  'ORDER_UNCONFIRMED', // the database was restored, and the order system has not placed the order again yet
  'NOT_CONNECTED_YET', // the link is half-open: the participant whom the number leads to is not known yet
  'SELF_CALL', // sent to the number that stands for the sender
  'LOOP', // one of our own numbers sends it
  'DIRECTION_NOT_ALLOWED', // the link, or the pool, lets only the other participant write
  'BLOCKED', // the recipient blocks this sender
  'QUIET_HOURS', // the pool's quiet hours
  'TEXTS_OFF', // the pool forwards no texts
  'TEXTS_UNAVAILABLE', // the pool's provider cannot forward texts
  'OPTED_OUT', // the text says STOP: its sender gets no more texts of this order
  'OPTED_IN', // the text says START: its sender gets texts again
  'RECIPIENT_OPTED_OUT', // the recipient has sent STOP
  'CAP_REACHED', // the number's limit of texts within an hour is reached
  'TOO_MANY_TEXTS', // the link's limit of texts within minutes is reached
  'REPEATED_TEXT', // the sender sends the same words again and again
  'NOTHING_TO_FORWARD', // only attachments
  'TEXT_OVER', // the text was decided too long ago, was delivered, or would now reach another person: it is not forwarded again
  'MESSAGE_ID_REUSED', // another text or call has used the provider's id before
] as const;
export type DropReason = (typeof DROP_REASONS)[number];
