import { Injectable } from '@nestjs/common';

import { PhoneVault } from '../../phone-number/phone-vault.js';
import { RecentTries, type Allowance } from '../tries/recent-tries.js';
import type { InboundText, TextVerdict } from './text-decision.js';
import type { DropReason } from './text-reasons.js';

/** Of one order: as many go out in an hour whatever the other orders of its number send. */
const MOST_OF_AN_ORDER = { most: 20, withinSeconds: 60 * 60 };
/**
 * From one number of ours, of orders that have sent more than that: an hour in which more go out is one of bulk texting,
 * for which operators shut numbers off.
 */
const MOST_FROM_A_NUMBER = { most: 300, withinSeconds: 60 * 60 };
/** Between two people, both ways together: more than they write, less than two telephones that answer by themselves. */
const MOST_BETWEEN_TWO = { most: 30, withinSeconds: 10 * 60 };
/** The same words of one sender to one recipient: once, and once more because no answer came. */
const MOST_OF_THE_SAME = { most: 2, withinSeconds: 10 * 60 };
/** Shorter ones, like "ok" and "yes", people do repeat. */
const SHORTEST_COUNTED = 12;

/** Alike for all processes, and keyed by the vault: the words are counted for minutes, and forgotten then. */
const OF_WORDS = Buffer.from('words of texts that are counted');

/** Stops loops of telephones that answer each other ("I am driving"), and numbers that send too much. */
@Injectable()
export class TextRateLimits {
  constructor(
    private readonly tries: RecentTries,
    private readonly vault: PhoneVault,
  ) {}

  /** The verdict, or a drop in its place. A text that is brought again counts once. */
  async check(text: InboundText, verdict: TextVerdict): Promise<TextVerdict> {
    if (verdict.decision === 'drop') return verdict;
    const { orderId, senderRole, senderId, recipientId, shownNumber } = verdict;
    const id = `${text.provider} ${text.providerMessageId}`;
    const likeness = likenessOf(text.body);
    const brakes: [DropReason, Allowance][] = [
      ['TOO_MANY_TEXTS', { subject: `texts of order ${orderId}`, ...MOST_BETWEEN_TWO }],
    ];
    if (likeness.length >= SHORTEST_COUNTED) {
      const subject = `text ${this.vault.proofOf(likeness, OF_WORDS)} of ${senderId} to ${recipientId}`;
      brakes.unshift(['REPEATED_TEXT', { subject, ...MOST_OF_THE_SAME }]);
    }
    for (const [reason, allowance] of brakes) {
      const { granted } = await this.tries.take(allowance, id);
      if (!granted) return { decision: 'drop', reason, orderId, senderRole };
    }
    const ofOrder = { subject: `texts of order ${orderId} in the hour`, ...MOST_OF_AN_ORDER };
    if ((await this.tries.take(ofOrder, id)).granted) return verdict;
    const fromNumber = { subject: `texts from ${shownNumber}`, ...MOST_FROM_A_NUMBER };
    if ((await this.tries.take(fromNumber, id)).granted) return verdict;
    return { decision: 'drop', reason: 'CAP_REACHED', orderId, senderRole };
  }
}

/** The words without case, spaces and punctuation, and without the digits by which an automatic answer may count. */
function likenessOf(body: string): string {
  return body
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}]/gu, '');
}
