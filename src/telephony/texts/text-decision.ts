import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { barrierTo, decideUnjoined } from '../calls/call-decision.js';
import type { DropReason, ForwardReason } from './text-reasons.js';

/** A text to one of our numbers, whichever provider brings it. */
export interface InboundText {
  readonly provider: ProviderName;
  /** The provider's id of the text, the same however often it brings it. */
  readonly providerMessageId: string;
  /** What it was sent to, likeliest first. */
  readonly dialled: readonly E164[];
  /** Null = withheld, a name, or nothing else that is a number. */
  readonly sender: E164 | null;
  readonly body: string;
  /** How many pictures and the like come with it. None is passed on. */
  readonly media: number;
  /** Where the provider itself has taken it for a word of consent. */
  readonly optOut: 'stop' | 'start' | null;
}

export interface Drop {
  readonly decision: 'drop';
  readonly reason: DropReason;
  readonly orderId: string | null;
  readonly senderRole: Role | null;
}

export interface Forward {
  readonly decision: 'forward';
  readonly reason: ForwardReason;
  readonly orderId: string;
  readonly senderRole: Role;
  readonly senderId: string;
  readonly recipientId: string;
  /** Sealed. */
  readonly recipientPhone: Buffer;
  /** The number the recipient sees it come from, and answers to. */
  readonly shownNumber: E164;
  readonly redacted: boolean;
}

export type TextVerdict = Forward | Drop;

/** What a text's fate hangs on besides the assignment that joins sender and number. */
export interface TextFacts {
  readonly texts: 'off' | 'on' | 'redacted' | 'unavailable';
  readonly says: 'stop' | 'start' | null;
  readonly senderOptedOut: boolean;
  readonly recipientOptedOut: boolean;
  readonly isEmpty: boolean;
}

/**
 * What becomes of a text that an assignment joins. Consent comes first: whoever says STOP is heard even where no text is
 * passed on. The checks are those of a call; then come the pool's policy and what the recipient wants.
 */
export function decideText(row: CallAssignment, facts: TextFacts, now: Date): TextVerdict {
  const { orderId, diallerRole: senderRole } = row;
  const drop = (reason: DropReason): Drop => ({ decision: 'drop', reason, orderId, senderRole });
  if (facts.says === 'stop') return drop('OPTED_OUT');
  if (facts.says === 'start' && facts.senderOptedOut) return drop('OPTED_IN');
  const barrier = barrierTo(row, now);
  if (barrier !== null) return drop(barrier);
  if (facts.texts === 'unavailable') return drop('TEXTS_UNAVAILABLE');
  if (facts.texts === 'off') return drop('TEXTS_OFF');
  if (facts.recipientOptedOut) return drop('RECIPIENT_OPTED_OUT');
  if (facts.isEmpty) return drop('NOTHING_TO_FORWARD');
  return {
    ...{ decision: 'forward', reason: row.closed ? 'FORWARDED_IN_GRACE' : 'FORWARDED' },
    ...{ orderId, senderRole, senderId: row.diallerId, recipientId: row.calleeId },
    ...{ recipientPhone: row.calleePhone, shownNumber: row.shownNumber, redacted: facts.texts === 'redacted' },
  };
}

/** Why a text that nothing joins goes to nobody: as with a call, but a text can be asked for no PIN. */
export function decideUnjoinedText(facts: Unjoined, senderIsNumber: boolean): Drop {
  const { reason, orderId, callerRole } = decideUnjoined({ ...facts, pin: 'off' }, senderIsNumber);
  return { decision: 'drop', reason: reason as DropReason, orderId, senderRole: callerRole };
}
