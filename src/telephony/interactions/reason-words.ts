import type { AskReason, RefuseReason } from '../decisions/call-reasons.js';
import type { DropReason } from '../texts/text-reasons.js';

/** What support staff read and say about a reason. docs/support.md says more. */
export interface ReasonWords {
  /** Why nobody was reached: the part of a sentence after "because" or a colon. */
  readonly because: string;
  /** What to tell the person who called or wrote; null = nothing. It never tells them of a block. */
  readonly tell: string | null;
}

/** The words about calls that were refused or asked for a PIN, and about those that cannot be explained. */
export const CALL_WORDS: Readonly<Record<RefuseReason | AskReason | 'FORGOTTEN', ReasonWords>> = {
  UNKNOWN_VN: {
    because: 'the number does not belong to Maskline, or is out of use',
    tell: 'This number is no longer used. Please dial the number that the app shows now.',
  },
  CLI_WITHHELD: {
    because: 'the call came without a usable number of the caller, so the caller cannot be identified',
    tell: 'Please switch off the setting that hides your number, and call again.',
  },
  UNKNOWN_CALLER: {
    because: "the caller's phone is on no order that is active or has just ended",
    tell: 'Please call from the phone that is in the app.',
  },
  NO_SESSION: {
    because: "the caller's phone is on an order, but this number is not the one for it",
    tell: 'Each order has its own number. Please dial the number that the app shows for this order.',
  },
  ORDER_ENDED: {
    because: 'the order is over, or the caller is no longer on it',
    tell: 'Calls for this order are no longer possible. I can help you myself.',
  },
  LINK_CLOSED: {
    because: 'the order goes on, but this number connects the caller to nobody any more',
    tell: 'Please dial the number that the app shows now. If it shows none, you cannot call that person any more, and I can help you myself.',
  },
  ORDER_UNCONFIRMED: {
    because: 'the database was restored from a backup, and the order was not placed again yet',
    tell: 'We are repairing a disturbance. I can pass on a message.',
  },
  NOT_CONNECTED_YET: {
    because: 'the person whom the number leads to is not known yet, or has left',
    tell: 'It is not decided yet who that person is. The same number will work then.',
  },
  SELF_CALL: {
    because: 'the caller dialled the number by which others reach them',
    tell: 'Please dial the number that your own app shows.',
  },
  LOOP: {
    because: 'the call came from one of our own numbers, and connecting it could create a loop',
    tell: 'Please switch off call forwarding to the number in the app.',
  },
  DIRECTION_NOT_ALLOWED: {
    because: 'calls between these two go the other way only',
    tell: 'In this service the other side calls you. I can pass on a message.',
  },
  BLOCKED: {
    because: 'the other participant does not want to be called by the caller',
    tell: 'I cannot connect this call. I can pass on a message.',
  },
  QUIET_HOURS: {
    because: "nobody is called during the pool's quiet hours",
    tell: 'Calls are possible again after the quiet hours.',
  },
  CAP_REACHED: {
    because: 'the caller had called as often within an hour as the pool allows',
    tell: 'Please try again in an hour. I can pass on a message.',
  },
  PIN_REQUIRED: {
    because: 'the caller must enter a PIN and entered none',
    tell: 'Please call again and enter the PIN that the app shows, then the hash key.',
  },
  PIN_WRONG: {
    because: 'the PIN belongs to nobody behind this number, or none was entered',
    tell: 'Please compare the PIN and the number with the app. A PIN works only on its own number.',
  },
  PIN_LOCKED: {
    because:
      'too many wrong PINs were entered, from this phone or in this pool, so the last one was not checked, and PINs work again after some hours',
    tell: 'PINs do not work for some hours. Please call from the phone in the app.',
  },
  CALL_ID_REUSED: {
    because: "another caller or number used the provider's call id before, so somebody may be inventing requests",
    tell: 'Please call again.',
  },
  ALREADY_CONNECTED: {
    because: 'the call was connected at an earlier step of its flow, and is answered only once',
    tell: 'Please call again.',
  },
  CALL_OVER: {
    because:
      'the call was decided before, and its answer is repeated only within a minute, while the call is in progress and would reach the same person',
    tell: 'Please call again.',
  },
  TOO_MANY_MISSES: {
    because: 'the caller dialled numbers that lead to nobody too often within a minute',
    tell: 'Please wait a minute. Then dial the number that the app shows for this order, from the phone in the app.',
  },
  NOT_CONFIRMED: {
    because: 'somebody was trying out callers, and the provider did not confirm in time that this call exists',
    tell: 'Please call again in a minute.',
  },
  TRY_LATER: {
    because:
      'the database did not answer, and without it Maskline connects only callers whom its own copy knows, without PINs and limits',
    tell: 'A short disturbance. Please call again in a few minutes.',
  },
  STALE_STATE: {
    because: 'Maskline could not decide in time, because its database was slow or unavailable, and does not guess',
    tell: 'A short disturbance. Please call again in a minute.',
  },
  FORGOTTEN: {
    because: 'the phones of that time are deleted',
    tell: 'We delete phones some time after an order has ended.',
  },
};

/** The words about texts that were not forwarded. */
export const TEXT_WORDS: Readonly<Record<DropReason, ReasonWords>> = {
  UNKNOWN_VN: {
    because: 'the number does not belong to Maskline, or is out of use',
    tell: 'Please write to the number that the app shows now.',
  },
  CLI_WITHHELD: { because: "it has no sender's number", tell: 'Please send it from the phone in the app.' },
  UNKNOWN_CALLER: {
    because: "the sender's phone is on no order that is active or has just ended",
    tell: 'Please write from the phone in the app.',
  },
  NO_SESSION: {
    because: "the sender's phone is on an order, but this number is not the one for it",
    tell: 'Please write to the number that the app shows for this order.',
  },
  ORDER_ENDED: {
    because: 'the order is over, or the sender is no longer on it',
    tell: 'Texts for this order are no longer possible.',
  },
  LINK_CLOSED: {
    because: 'the order goes on, but this number connects the sender to nobody any more',
    tell: 'Please write to the number that the app shows now.',
  },
  ORDER_UNCONFIRMED: {
    because: 'the database was restored from a backup, and the order was not placed again yet',
    tell: 'Please write again in a few minutes.',
  },
  NOT_CONNECTED_YET: {
    because: 'the person whom the number leads to is not known yet, or has left',
    tell: 'It is not decided yet who that person is. Please write again then.',
  },
  SELF_CALL: {
    because: 'it was sent to the number by which others reach the sender',
    tell: 'Please write to the number that your own app shows.',
  },
  LOOP: { because: 'one of our own numbers sent it, because a phone forwards its texts', tell: null },
  DIRECTION_NOT_ALLOWED: {
    because: 'texts between these two go the other way only',
    tell: 'The other side writes to you. I can pass on a message.',
  },
  BLOCKED: { because: 'the recipient does not want texts from the sender', tell: 'I cannot send it.' },
  QUIET_HOURS: {
    because: "nobody is texted during the pool's quiet hours",
    tell: 'Please write again after the quiet hours.',
  },
  TEXTS_OFF: { because: 'the pool forwards no texts', tell: 'Please call instead.' },
  TEXTS_UNAVAILABLE: { because: 'the provider cannot forward texts in this country', tell: 'Please call instead.' },
  OPTED_OUT: {
    because: 'it said STOP, so its sender gets no more texts of this order',
    tell: 'Send START to get texts again.',
  },
  OPTED_IN: { because: 'it said START, so its sender gets texts again', tell: 'You get texts again.' },
  RECIPIENT_OPTED_OUT: {
    because: 'the recipient has said STOP',
    tell: 'The other person gets no texts. Please call.',
  },
  CAP_REACHED: {
    because: 'too many texts went out from this number within an hour',
    tell: 'Please try again in an hour, or call.',
  },
  TOO_MANY_TEXTS: {
    because: 'the two wrote more texts within minutes than people do',
    tell: 'Please wait ten minutes. Switch off automatic answers.',
  },
  REPEATED_TEXT: {
    because: 'the same words had been sent again and again',
    tell: 'Your text was sent. You need not repeat it.',
  },
  NOTHING_TO_FORWARD: {
    because: 'it contained no words, only a picture or the like',
    tell: 'Pictures are not forwarded. Please write words.',
  },
  TEXT_OVER: {
    because: 'it was decided before, and has arrived or would now reach another person',
    tell: 'Please send it again if it did not arrive.',
  },
  MESSAGE_ID_REUSED: {
    because: 'a request used the id of another text or call, so somebody may be inventing requests',
    tell: 'Please send it again.',
  },
};
