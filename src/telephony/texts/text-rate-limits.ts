import { Injectable } from '@nestjs/common';

import { PhoneVault } from '../../phone-number/phone-vault.js';
import { RecentTries, type Allowance } from '../tries/recent-tries.js';
import type { Drop, Forward, InboundText, TextVerdict } from './text-decision.js';
import type { DropReason } from './text-reasons.js';

/** Of one link, whatever the other links of its numbers send. */
const MOST_OF_A_LINK = { most: 20, withinSeconds: 60 * 60 };
/** From one number of ours, for links that exceeded their own limit: networks block numbers that send bulk texts. */
const MOST_FROM_A_NUMBER = { most: 300, withinSeconds: 60 * 60 };
/** Between two people, in both directions: more than people write, fewer than two automatic responders send. */
const MOST_BETWEEN_TWO = { most: 30, withinSeconds: 10 * 60 };
/** The same words from one sender to one recipient: once, and once again if no reply came. */
const MOST_OF_THE_SAME = { most: 2, withinSeconds: 10 * 60 };
/** People do repeat shorter texts, such as "ok" and "yes". */
const SHORTEST_COUNTED = 12;

/** The same in all processes, and keyed by the vault. The counts are deleted after minutes. */
const OF_WORDS = Buffer.from('words of texts that are counted');

/** Stops loops of automatic responders ("I am driving"), and numbers that send too much. */
@Injectable()
export class TextRateLimits {
  constructor(
    private readonly tries: RecentTries,
    private readonly vault: PhoneVault,
  ) {}

  /** The verdict, or a drop in its place. A repeated request counts once. */
  async check(text: InboundText, verdict: TextVerdict): Promise<TextVerdict> {
    if (verdict.decision === 'drop') return verdict;
    const { senderId, recipientId, shownNumber } = verdict;
    const link = nameOfLink(verdict);
    const id = `${text.provider} ${text.providerMessageId}`;
    const likeness = likenessOf(text.body);
    const brakes: [DropReason, Allowance][] = [
      ['TOO_MANY_TEXTS', { subject: `texts of ${link}`, ...MOST_BETWEEN_TWO }],
    ];
    if (likeness.length >= SHORTEST_COUNTED) {
      const subject = `text ${this.vault.proofOf(likeness, OF_WORDS)} of ${senderId} to ${recipientId}`;
      brakes.unshift(['REPEATED_TEXT', { subject, ...MOST_OF_THE_SAME }]);
    }
    for (const [reason, allowance] of brakes) {
      const { granted } = await this.tries.take(allowance, id);
      if (!granted) return dropped(verdict, reason);
    }
    const ofLink = { subject: `texts of ${link} in the hour`, ...MOST_OF_A_LINK };
    if ((await this.tries.take(ofLink, id)).granted) return verdict;
    const fromNumber = { subject: `texts from ${shownNumber}`, ...MOST_FROM_A_NUMBER };
    if ((await this.tries.take(fromNumber, id)).granted) return verdict;
    return dropped(verdict, 'CAP_REACHED');
  }
}

function dropped({ orderId, senderRole, recipientRole }: Forward, reason: DropReason): Drop {
  return { decision: 'drop', reason, orderId, senderRole, recipientRole };
}

/** The same in both directions. */
function nameOfLink({ orderId, senderRole, recipientRole }: Forward): string {
  return `order ${orderId} between ${[senderRole, recipientRole].sort().join(' and ')}`;
}

/**
 * The words without case, spaces and punctuation, and without digits, because an automatic response may contain a
 * counter.
 */
function likenessOf(body: string): string {
  return body
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}]/gu, '');
}
