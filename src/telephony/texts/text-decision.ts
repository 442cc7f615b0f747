import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { decideUnjoined, reachedBy } from '../calls/call-decision.js';
import type { DropReason, ForwardReason } from './text-reasons.js';

/** A text to one of our numbers, from any provider. */
export interface InboundText {
  readonly provider: ProviderName;
  /** The provider's id of the text, the same in repeated requests. */
  readonly providerMessageId: string;
  /** The number it was sent to, most likely form first. */
  readonly dialled: readonly E164[];
  /** Null = withheld, a name, or otherwise not a number. */
  readonly sender: E164 | null;
  readonly body: string;
  /** The number of attachments. None is forwarded. */
  readonly media: number;
  /** The opt-out or opt-in that the provider itself recognized. */
  readonly optOut: 'stop' | 'start' | null;
}

export interface Drop {
  readonly decision: 'drop';
  readonly reason: DropReason;
  readonly orderId: string | null;
  readonly senderRole: Role | null;
  /** Null if no link is known. */
  readonly recipientRole: Role | null;
}

export interface Forward {
  readonly decision: 'forward';
  readonly reason: ForwardReason;
  readonly orderId: string;
  readonly senderRole: Role;
  readonly recipientRole: Role;
  readonly senderId: string;
  readonly recipientId: string;
  /** Sealed. */
  readonly recipientPhone: Buffer;
  /** The number that the recipient sees as the sender, and replies to. */
  readonly shownNumber: E164;
  readonly redacted: boolean;
}

export type TextVerdict = Forward | Drop;

/** What decides about a text besides the assignment that joins sender and number. */
export interface TextFacts {
  readonly texts: 'off' | 'on' | 'redacted' | 'unavailable';
  readonly says: 'stop' | 'start' | null;
  readonly senderOptedOut: boolean;
  readonly recipientOptedOut: boolean;
  readonly isEmpty: boolean;
}

/**
 * Decides a text that an assignment joins. Consent comes first: STOP is obeyed even if no texts are forwarded. Then
 * come the checks of a call, the pool's policy, and the recipient's opt-out.
 */
export function decideText(row: CallAssignment, facts: TextFacts, now: Date): TextVerdict {
  const link = { orderId: row.orderId, senderRole: row.diallerRole, recipientRole: row.calleeRole };
  const drop = (reason: DropReason): Drop => ({ decision: 'drop', reason, ...link });
  if (facts.says === 'stop') return drop('OPTED_OUT');
  if (facts.says === 'start' && facts.senderOptedOut) return drop('OPTED_IN');
  const recipient = reachedBy(row, now);
  if (typeof recipient === 'string') return drop(recipient);
  if (facts.texts === 'unavailable') return drop('TEXTS_UNAVAILABLE');
  if (facts.texts === 'off') return drop('TEXTS_OFF');
  if (facts.recipientOptedOut) return drop('RECIPIENT_OPTED_OUT');
  if (facts.isEmpty) return drop('NOTHING_TO_FORWARD');
  return {
    decision: 'forward',
    reason: row.closed ? 'FORWARDED_IN_GRACE' : 'FORWARDED',
    ...link,
    senderId: row.diallerId,
    recipientId: recipient.id,
    recipientPhone: recipient.phone,
    shownNumber: recipient.shownNumber,
    redacted: facts.texts === 'redacted',
  };
}

/** Why a text that no assignment joins is dropped. As for a call, but a text cannot ask for a PIN. */
export function decideUnjoinedText(facts: Unjoined, senderIsNumber: boolean): Drop {
  const { reason, orderId, callerRole } = decideUnjoined({ ...facts, pin: 'off' }, senderIsNumber);
  return { decision: 'drop', reason: reason as DropReason, orderId, senderRole: callerRole, recipientRole: null };
}
