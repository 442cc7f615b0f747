import { randomBytes } from 'node:crypto';

import type { E164 } from '../../src/phone-number/e164.js';
import type { Callbacks } from '../network/callbacks.js';
import type { Inventory } from '../network/inventory.js';
import { istTime } from '../network/ist-time.js';
import type { People, TextingHabit } from '../phones/people.js';
import { RestException } from '../network/provider-door.js';
import { phoneNumberIn, statusCallbackIn } from '../network/rest-form.js';
import type { TextLog } from '../network/text-log.js';

const LONGEST_BODY = 2_000;

/** The reports on a text to a person with this habit, in this order. */
const STATUSES: Readonly<Record<TextingHabit, readonly (readonly [status: string, detailed: string])[]>> = {
  receives: [
    ['sent', 'DELIVERED_TO_OPERATOR'],
    ['sent', 'DELIVERED_TO_HANDSET'],
  ],
  'opted-out': [['failed', 'FAILED_DND']],
  unreachable: [['failed', 'FAILED_ABSENT_SUBSCRIBER']],
};

export interface SentSms {
  readonly sid: string;
  readonly from: E164;
  readonly to: E164;
  readonly body: string;
  readonly sentAt: string;
}

/** Sms/send: accepts a text, delivers it if the recipient receives texts, and reports to the StatusCallback. */
export class SmsSending {
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly inventory: Inventory,
    private readonly people: People,
    private readonly texts: TextLog,
    private readonly callbacks: Callbacks,
  ) {}

  /** Answers at once, before the text arrives. @throws RestException */
  begin(form: URLSearchParams): SentSms {
    const [from, to] = [phoneNumberIn(form, 'From'), phoneNumberIn(form, 'To')];
    const owned = this.inventory.find(from);
    if (!owned) throw new RestException(400, 'From is not an ExoPhone of this account');
    if (!owned.sms) throw new RestException(400, 'From cannot send SMS');
    const body = form.get('Body') ?? '';
    if (body === '' || body.length > LONGEST_BODY) {
      throw new RestException(400, `Body must be 1 to ${LONGEST_BODY} characters`);
    }
    const encoding = form.get('EncodingType') ?? 'plain';
    if (!['plain', 'unicode'].includes(encoding)) throw new RestException(400, 'EncodingType must be plain or unicode');
    const sms = { sid: randomBytes(16).toString('hex'), from, to, body, sentAt: new Date().toISOString() };
    const sending = this.deliver(sms, statusCallbackIn(form))
      .catch(() => undefined) // happens only while the exchange closes
      .finally(() => this.running.delete(sending));
    this.running.add(sending);
    return sms;
  }

  /** Resolves when no text is in progress. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private async deliver(sms: SentSms, statusCallback: URL | null): Promise<void> {
    await new Promise(setImmediate); // the answer to the request comes before the text
    const habit = this.people.whenTexted(sms.to);
    if (habit === 'receives') this.texts.arrive(sms);
    if (!statusCallback) return;
    for (const [status, detailed] of STATUSES[habit]) {
      const fields = { SmsSid: sms.sid, From: sms.from, To: sms.to, Status: status, DetailedStatus: detailed };
      await this.callbacks.ask({
        method: 'POST',
        url: statusCallback,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...fields, DateUpdated: istTime(new Date()) }).toString(),
      });
    }
  }
}
