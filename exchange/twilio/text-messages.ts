import { randomBytes } from 'node:crypto';

import { parseE164, type E164 } from '../../src/phone-number/e164.js';
import type { Inventory, OwnedNumber } from '../network/inventory.js';
import { OperatorMistake } from '../network/operator-input.js';
import type { People, TextingHabit } from '../phones/people.js';
import type { TextLog } from '../network/text-log.js';
import type { TextTranscript } from '../network/transcript.js';
import { TextRun, type SentText, type Status, type TextScript, type TextSource, type TextToSend } from './text-run.js';
import { ANONYMOUS, type TwilioWebhooks } from './webhooks.js';

/** The recipient has sent STOP to the number, or to all numbers. */
const UNSUBSCRIBED: readonly Status[] = [['failed', 21610]];

/** The reports on a text to a person with this habit, in this order. https://www.twilio.com/docs/api/errors */
const STATUSES: Readonly<Record<TextingHabit, readonly Status[]>> = {
  receives: [['queued'], ['sent'], ['delivered']],
  'opted-out': UNSUBSCRIBED,
  unreachable: [['queued'], ['sent'], ['undelivered', 30003]],
};

/** Twilio itself handles these words as opt-out and opt-in if they are the whole text. */
const STOP = /^\s*(stop|stopall|unsubscribe|cancel|end|quit|optout|revoke)\s*$/i;
const START = /^\s*(start|yes|unstop)\s*$/i;
const STOPPED =
  'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.';
const STARTED = 'You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe.';

const LONGEST_BODY = 1_600;

/** Texts to and from the account's numbers. */
export class TextMessages {
  /** Pairs of recipient and number with an opt-out. */
  private readonly optOuts = new Set<string>();

  constructor(
    private readonly inventory: Inventory,
    private readonly people: People,
    private readonly texts: TextLog,
    private readonly webhooks: TwilioWebhooks,
  ) {}

  owns(number: E164): boolean {
    return this.inventory.find(number) !== null;
  }

  /** Texts one of the account's numbers. @throws OperatorMistake if no app can be asked about it */
  async textIn(
    from: TextTranscript['from'],
    to: E164,
    body: string,
    script: TextScript,
    sid = aSid(script.media.length > 0),
  ): Promise<TextTranscript> {
    const source = sourceOf(this.inventory.find(to)!);
    if (from !== '' && from !== 'anonymous') this.heedConsent(from, to, body);
    const text = { sid, from: from === 'anonymous' ? ANONYMOUS : from, to, body };
    const run = new TextRun(text, source, script, { webhooks: this.webhooks, send: (sent) => this.send(sent) });
    const { steps, sent } = await run.play();
    const back = sent.find((one) => one.to === from && one.statuses === STATUSES.receives);
    return { smsSid: sid, from, to, replied: back?.body ?? null, steps };
  }

  /** Sends a text. @returns the text, or the provider's code and words of what is wrong with it */
  private send({ from, to, body, media }: TextToSend): SentText | string {
    const [sender, recipient] = [parseE164(from), parseE164(to)];
    if (recipient === null) return '14101: to is no number in E.164';
    const number = sender && this.inventory.find(sender);
    if (!number) return '14102: from is no number of the account';
    if (!number.sms) return '14108: from cannot send texts';
    if (number.number === recipient) return '21266: to and from are the same number';
    if (body === '' && media.length === 0) return '14103: there is nothing to send';
    if (body.length > LONGEST_BODY) return `21617: the text is longer than ${LONGEST_BODY} characters`;
    const optedOut = this.optOuts.has(pairOf(number.number, recipient));
    const statuses = optedOut ? UNSUBSCRIBED : STATUSES[this.people.whenTexted(recipient)];
    const sent = { sid: aSid(media.length > 0), from: number.number, to: recipient, body, statuses };
    const attached = media.length > 0 ? { media } : {};
    if (statuses === STATUSES.receives) {
      this.texts.arrive({ sid: sent.sid, from: number.number, to: recipient, body, ...attached });
    }
    return sent;
  }

  /** The provider handles some words itself. The app still receives the text. */
  private heedConsent(person: E164, number: E164, body: string): void {
    const pair = pairOf(number, person);
    const answer = (words: string) => this.texts.arrive({ sid: aSid(false), from: number, to: person, body: words });
    if (STOP.test(body)) {
      this.optOuts.add(pair);
      answer(STOPPED);
    } else if (START.test(body) && this.optOuts.delete(pair)) answer(STARTED);
  }
}

/** @throws OperatorMistake if the number cannot receive texts, or has no SMS URL */
function sourceOf({ number, sms, smsUrl, more }: OwnedNumber): TextSource {
  if (!sms) throw new OperatorMistake(`${number} cannot receive texts; no app is asked.`, 422);
  if (!smsUrl) throw new OperatorMistake(`${number} has no sms_url; no app is asked.`, 422);
  const fallback = more?.['SmsFallbackUrl'];
  return { url: new URL(smsUrl), fallbackUrl: fallback ? new URL(fallback) : null };
}

function pairOf(number: E164, person: E164): string {
  return `${number} ${person}`;
}

/** Ids of texts with media have another prefix. */
function aSid(hasMedia: boolean): string {
  return `${hasMedia ? 'MM' : 'SM'}${randomBytes(16).toString('hex')}`;
}
