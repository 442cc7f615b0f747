import { randomBytes } from 'node:crypto';

import { SegmentedMessage } from 'sms-segments-calculator';

import type { E164 } from '../../src/phone-number/e164.js';
import type { AskedStep } from '../network/transcript.js';
import { MESSAGING, type Verb } from './twiml.js';
import type { Parameters, TwilioWebhooks } from './webhooks.js';

/** The operator's wishes for a text. */
export interface TextScript {
  /** Content types of its attachments. */
  readonly media: readonly string[];
  /** Whether every request to the app is made twice. */
  readonly deliverTwice: boolean;
  /** How long the reports on the forwarded text are delayed. */
  readonly delayMs: number;
  /** Whether the reports come in reverse order. */
  readonly backwards: boolean;
  /** Whether no report is sent. */
  readonly skipStatus: boolean;
}

/** A text to one of the account's numbers. */
interface Text {
  readonly sid: string;
  /** In the provider's form: E.164, or its code for a withheld number. */
  readonly from: string;
  readonly to: E164;
  readonly body: string;
}

/** Where a text gets its TwiML. */
export interface TextSource {
  readonly url: URL;
  readonly fallbackUrl: URL | null;
}

/** The content of a `<Message>`. */
export interface TextToSend {
  readonly from: string;
  readonly to: string;
  readonly body: string;
  /** URLs. */
  readonly media: readonly string[];
}

/** A state of a sent text, with an error code if it failed. */
export type Status = readonly [status: string, errorCode?: number];

export interface SentText {
  readonly sid: string;
  readonly from: E164;
  readonly to: E164;
  readonly body: string;
  readonly statuses: readonly Status[];
}

interface Surroundings {
  readonly webhooks: TwilioWebhooks;
  /** @returns the sent text, or the code and words of what is wrong with it */
  readonly send: (text: TextToSend) => SentText | string;
}

interface Document {
  /** The base for relative URLs. */
  readonly url: URL;
  readonly verbs: readonly Verb[];
  /** The request that the TwiML answers. */
  readonly step: AskedStep;
}

const MOST_DOCUMENTS = 20;

/** Runs one text, from the request to the number's SMS URL on. Sends what the TwiML of each answer says. */
export class TextRun {
  private readonly steps: AskedStep[] = [];
  private readonly sent: SentText[] = [];
  private readonly parameters: Parameters;

  constructor(
    text: Text,
    private readonly source: TextSource,
    private readonly script: TextScript,
    private readonly surroundings: Surroundings,
  ) {
    this.parameters = parametersOf(text, surroundings.webhooks.account.sid, script.media);
  }

  async play(): Promise<{ steps: AskedStep[]; sent: readonly SentText[] }> {
    let document = await this.ask(this.source.url);
    for (let documents = 1; document !== null && documents < MOST_DOCUMENTS; documents += 1) {
      document = await this.execute(document);
    }
    return { steps: this.steps, sent: this.sent };
  }

  private async execute({ url, verbs, step }: Document): Promise<Document | null> {
    for (const verb of verbs) {
      if (verb.name === 'Redirect') return this.ask(new URL(verb.text.trim(), url));
      const { to = this.parameters['From']!, from = this.parameters['To']! } = verb.attributes;
      const body = partsOf(verb, 'Body').join('') || verb.text;
      const sent = this.surroundings.send({ to, from, body, media: partsOf(verb, 'Media') });
      if (typeof sent === 'string') {
        step.problem = sent; // in the step whose answer caused it
        continue;
      }
      this.sent.push(sent);
      const { action, statusCallback = action } = verb.attributes;
      if (statusCallback !== undefined && !this.script.skipStatus)
        await this.report(sent, new URL(statusCallback, url));
    }
    return null;
  }

  /** Requests TwiML. If that fails, requests the fallback URL; if that fails too, nothing happens to the text. */
  private async ask(url: URL): Promise<Document | null> {
    const verbs = await this.askAt(url, this.parameters, false);
    if (this.script.deliverTwice) await this.askAt(url, this.parameters, false);
    if (verbs instanceof Array) return { url, verbs, step: this.steps.at(-1)! };
    const { fallbackUrl } = this.source;
    if (fallbackUrl === null) return null;
    const failed = { ...this.parameters, ErrorCode: String(verbs), ErrorUrl: url.href };
    const again = await this.askAt(fallbackUrl, failed, true);
    return again instanceof Array ? { url: fallbackUrl, verbs: again, step: this.steps.at(-1)! } : null;
  }

  private async askAt(url: URL, parameters: Parameters, fallback: boolean): Promise<readonly Verb[] | number> {
    return this.surroundings.webhooks.ask(this.steps, url, parameters, MESSAGING, { fallback });
  }

  /** Sends the delivery reports of a text. */
  private async report({ sid, from, to, statuses }: SentText, url: URL): Promise<void> {
    const { webhooks } = this.surroundings;
    const { backwards, deliverTwice, delayMs } = this.script;
    await webhooks.wait(delayMs);
    for (const [status, errorCode] of backwards ? statuses.toReversed() : statuses) {
      const news = {
        AccountSid: webhooks.account.sid,
        ApiVersion: '2010-04-01',
        MessageSid: sid,
        SmsSid: sid,
        MessageStatus: status,
        SmsStatus: status,
        From: from,
        To: to,
        ...(errorCode === undefined ? {} : { ErrorCode: String(errorCode) }),
      };
      for (let time = 0; time < (deliverTwice ? 2 : 1); time += 1) await webhooks.post(this.steps, url, news);
    }
  }
}

function parametersOf({ sid, from, to, body }: Text, account: string, media: readonly string[]): Parameters {
  const address = () =>
    `https://api.twilio.invalid/2010-04-01/Accounts/${account}/Messages/${sid}/Media/ME${randomBytes(16).toString('hex')}`;
  const attached = media.flatMap((contentType, index) => [
    [`MediaContentType${index}`, contentType],
    [`MediaUrl${index}`, address()],
  ]);
  return {
    MessageSid: sid,
    SmsSid: sid,
    SmsMessageSid: sid,
    AccountSid: account,
    ApiVersion: '2010-04-01',
    From: from,
    To: to,
    Body: body,
    SmsStatus: 'received',
    NumSegments: String(body === '' ? 1 : new SegmentedMessage(body).segmentsCount),
    NumMedia: String(media.length),
    ...(Object.fromEntries(attached) as Parameters),
    FromCity: '',
    FromState: '',
    FromZip: '',
    FromCountry: '',
    ToCity: '',
    ToState: '',
    ToZip: '',
    ToCountry: '',
  };
}

function partsOf({ children }: Verb, name: string): string[] {
  return children.filter((child) => child.name === name).map(({ text }) => text.trim());
}
