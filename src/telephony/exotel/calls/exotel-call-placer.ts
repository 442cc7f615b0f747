import { Injectable, Optional } from '@nestjs/common';

import { countryOf, nationalDigits, parseSpelling, type E164 } from '../../../phone-number/e164.js';
import { ProviderUnavailable } from '../../providers/provider-errors.js';
import { CallPlacer, type CallToPlace } from '../../providers/call-placer.js';
import { ExotelApi, EXOTEL_TIMING, type ExotelTiming } from '../exotel-api.js';
import { ExotelConfig } from '../exotel-config.js';
import { ExotelRateLimit } from '../exotel-rate-limit.js';

/** Exotel's limit. */
const MOST_TALK_SECONDS = 14_400;
const MOST_PAGES = 20;
const PAGE_SIZE = 100;
const WHAT = 'a call that was ordered';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Calls/connect, API v1, https://developer.exotel.com/api/make-a-call-api. Both participants see the same number, the
 * one that the second participant dials to reach the first.
 */
@Injectable()
export class ExotelCallPlacer extends CallPlacer {
  private readonly api: ExotelApi;

  constructor(
    private readonly config: ExotelConfig,
    limit: ExotelRateLimit,
    @Optional() timing: ExotelTiming = EXOTEL_TIMING,
  ) {
    super();
    this.api = new ExotelApi(config.account, limit, timing, 'v1');
  }

  async place(call: CallToPlace): Promise<string> {
    const form = {
      From: call.caller,
      To: call.callee,
      CallerId: this.spelled(call.shownToCallee),
      CallType: 'trans',
      TimeLimit: String(Math.min(call.talkSeconds, MOST_TALK_SECONDS)),
      TimeOut: String(call.ringSeconds),
      Record: String(call.record),
      CustomField: call.id,
      ...this.whereToReport(),
    };
    const path = 'Calls/connect.json';
    const answer = await this.api.ask({ what: WHAT, method: 'POST', path, form });
    const sid = fieldsOf(fieldsOf(answer)['Call'])['Sid'];
    if (typeof sid !== 'string' || sid === '') throw new ProviderUnavailable(`Exotel's answer to ${WHAT} has no Sid.`);
    return sid;
  }

  /** Searches by time, numbers and caller ID, because the list does not contain CustomField. */
  async findPlaced(call: CallToPlace, since: Date, until: Date, known: ReadonlySet<string>): Promise<string | null> {
    const window = `gte:${this.localTime(since)};lte:${this.localTime(until)}`;
    let query: string | null = new URLSearchParams({
      DateCreated: window,
      SortBy: 'DateCreated:asc',
      PageSize: String(PAGE_SIZE),
    }).toString();
    for (let page = 0; query !== null && page < MOST_PAGES; page += 1) {
      const what = 'the list of calls';
      const answer = fieldsOf(await this.api.ask({ what, method: 'GET', path: `Calls.json?${query}` }));
      const calls = answer['Calls'];
      if (!Array.isArray(calls)) throw new ProviderUnavailable(`Exotel's answer to ${what} has no Calls.`);
      for (const one of calls.map(fieldsOf)) {
        const sid = one['Sid'];
        if (typeof sid === 'string' && !known.has(sid) && this.isThis(call, one)) return sid;
      }
      const next = fieldsOf(answer['Metadata'])['NextPageUri'];
      query = typeof next === 'string' ? (next.split('?')[1] ?? null) : null;
    }
    return null;
  }

  /** National, as in Exotel's examples. It would take a national number of another country for one of its own. */
  private spelled(number: E164): string {
    return countryOf(number) === this.config.country ? nationalDigits(number) : number;
  }

  private isThis(call: CallToPlace, one: Fields): boolean {
    const is = (field: string, number: string) =>
      typeof one[field] === 'string' && parseSpelling(one[field], this.config.country) === number;
    return one['Direction'] === 'outbound-api' && is('From', call.caller) && is('To', call.callee);
  }

  private whereToReport(): Record<string, string> {
    return {
      StatusCallback: `${this.config.hooks}/call-status`,
      'StatusCallbackEvents[0]': 'terminal',
      'StatusCallbackEvents[1]': 'answered',
      StatusCallbackContentType: 'application/json',
    };
  }

  /** `2026-11-22 11:30:00` in the account's time zone. */
  private localTime(instant: Date): string {
    const timeZone = this.config.callbacks.timeZone ?? 'Asia/Kolkata';
    return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instant);
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
