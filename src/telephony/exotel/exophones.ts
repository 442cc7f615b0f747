import { Inject, Injectable, Optional } from '@nestjs/common';

import { parseSpelling, type Country, type E164 } from '../../phone-number/e164.js';
import { ownNumberIn } from '../../phone-number/own-number.js';
import type { RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import {
  NumberProvider,
  type NumberFlow,
  type NumberWish,
  type OfferedNumber,
  type OwnedNumber,
} from '../providers/number-provider.js';
import { ProviderRefused, ProviderUnavailable } from '../providers/provider-errors.js';
import { ExotelApi, EXOTEL_TIMING, type ExotelRequest, type ExotelTiming } from './exotel-api.js';
import { ExotelConfig } from './exotel-config.js';
import { ExotelRateLimit, type Turns } from './exotel-rate-limit.js';

/** The types of numbers, in the order of the search. */
const SHELVES = { landline: 'Landline', mobile: 'Mobile' } as const;
type Shelf = (typeof SHELVES)[keyof typeof SHELVES];
/** Exotel's own page size, so that a short page means the end even if a server ignores our size. */
const PAGE_SIZE = 50;

/** ExoPhones API v2_beta, https://developer.exotel.com/api/exophones */
@Injectable()
export class ExoPhones extends NumberProvider {
  private readonly api: ExotelApi;

  constructor(
    private readonly config: ExotelConfig,
    @Inject(ExotelRateLimit) limit: Turns,
    @Optional() timing: ExotelTiming = EXOTEL_TIMING,
  ) {
    super();
    this.api = new ExotelApi(config.account, limit, timing);
  }

  async search(wish: NumberWish): Promise<OfferedNumber[]> {
    for (const shelf of wish.type ? [SHELVES[wish.type]] : Object.values(SHELVES)) {
      const offered = await this.searchAmong(shelf, wish);
      if (offered.length > 0) return offered.sort(byRent);
    }
    return [];
  }

  async buy(number: E164): Promise<RentedNumber> {
    const what = `the purchase of ${number}`;
    const form = { PhoneNumber: number, VoiceUrl: this.config.account.flowUrl };
    const path = 'IncomingPhoneNumbers';
    const answer = await this.ask({ what, method: 'POST', path, form, repeat: 'if-undone' });
    const bought = fieldsOf(answer, what);
    const sold = textIn(bought, 'phone_number', what);
    if (this.numberIn(sold) !== number) {
      throw new ProviderUnavailable(`Exotel's answer to ${what} is about another number.`);
    }
    return { number, providerId: textIn(bought, 'sid', what), ...rentIn(bought) };
  }

  async list(): Promise<OwnedNumber[]> {
    const what = 'the list of our numbers';
    const seen = new Set<string>();
    const owned: OwnedNumber[] = [];
    for (let page = 0; ; page += 1) {
      const path = `IncomingPhoneNumbers?Page=${page}&PageSize=${PAGE_SIZE}`;
      const answer = fieldsOf(await this.ask({ what, method: 'GET', path }), what);
      const items = itemsOf(answer['incoming_phone_numbers'], what, 'incoming_phone_numbers');
      const seenBefore = seen.size;
      for (const item of items) {
        const providerId = textIn(item, 'sid', what);
        const number = this.numberIn(textIn(item, 'phone_number', what));
        // A number that cannot be read cannot be one of ours.
        if (number !== null && !seen.has(providerId))
          owned.push({ number, providerId, ...rentIn(item), ...placeIn(item) });
        seen.add(providerId);
      }
      const { page_size: full } = answer;
      const isShort = items.length < (typeof full === 'number' ? Math.min(full, PAGE_SIZE) : PAGE_SIZE);
      // The paging parameters are not documented, so a server may return its first page repeatedly.
      if (isShort || seen.size === seenBefore) return owned;
    }
  }

  async flowOf(providerId: string): Promise<NumberFlow> {
    const what = `the question where calls to number ${providerId} go`;
    return this.flowIn(await this.ask({ what, method: 'GET', path: pathOf(providerId) }), what);
  }

  async configure(providerId: string): Promise<NumberFlow> {
    const what = `the request to point number ${providerId} at our flow`;
    const form = { VoiceUrl: this.config.account.flowUrl };
    return this.flowIn(await this.ask({ what, method: 'PUT', path: pathOf(providerId), form }), what);
  }

  async release(providerId: string): Promise<void> {
    const what = `the release of number ${providerId}`;
    await this.ask({ what, method: 'DELETE', path: pathOf(providerId) }).catch((error: unknown) => {
      if (!(error instanceof ProviderRefused) || error.status !== 404) throw error;
    });
  }

  private async ask(request: ExotelRequest): Promise<unknown> {
    return this.api.ask({ ...request, isOfOurs: true });
  }

  private async searchAmong(shelf: Shelf, wish: NumberWish): Promise<OfferedNumber[]> {
    const what = `the search for ${shelf} numbers in ${wish.country}`;
    const filters = new URLSearchParams();
    if (wish.region !== null) filters.set('InRegion', wish.region);
    if (wish.texts) filters.set('IncomingSMS', 'true');
    const query = filters.size === 0 ? '' : `?${filters.toString()}`;
    const path = `AvailablePhoneNumbers/${encodeURIComponent(wish.country)}/${shelf}${query}`;
    const items = itemsOf(await this.ask({ what, method: 'GET', path }), what, 'list of numbers');
    return items.flatMap((item) => {
      const number = ownNumberIn(textIn(item, 'phone_number', what), wish.country as Country);
      const { voice, sms } = fieldsOf(item['capabilities'], what, 'capabilities');
      return number === null || voice !== true || (wish.texts && sms !== true)
        ? []
        : [{ number, rent: rentIn(item).rent }];
    });
  }

  /** Documented for the answer to PUT; other answers may leave it out, and then the flow is unknown. */
  private flowIn(answer: unknown, what: string): NumberFlow {
    const number = fieldsOf(answer, what);
    textIn(number, 'sid', what);
    if (!('voice_url' in number)) return 'unknown';
    const url = number['voice_url'] ?? '';
    if (typeof url !== 'string') throw wrongShape(what, 'voice_url that is text');
    if (url.trim() === '') return 'none';
    return withoutScheme(url) === withoutScheme(this.config.account.flowUrl) ? 'ours' : 'other';
  }

  /** E.164 as documented, or the national form of older answers. */
  private numberIn(text: string): E164 | null {
    return parseSpelling(text, this.config.country);
  }
}

function pathOf(providerId: string): string {
  // In a path these would mean the account, or all of its numbers.
  if (['', '.', '..'].includes(providerId))
    throw new ProviderRefused(`"${providerId}" is not the id of an ExoPhone.`, 400);
  return `IncomingPhoneNumbers/${encodeURIComponent(providerId)}`;
}

function withoutScheme(url: string): string {
  return url
    .trim()
    .replace(/^https?:/i, '')
    .replace(/\/+$/, '');
}

function byRent(one: OfferedNumber, other: OfferedNumber): number {
  const [a, b] = [one, other].map(({ rent }) => (rent === null ? Number.MAX_VALUE : Number(rent))) as [number, number];
  return a - b;
}

type Fields = Readonly<Record<string, unknown>>;

function wrongShape(what: string, missing: string): ProviderUnavailable {
  return new ProviderUnavailable(`Exotel's answer to ${what} has no ${missing}.`);
}

function fieldsOf(value: unknown, what: string, name = 'JSON object'): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongShape(what, name);
  return value as Fields;
}

function itemsOf(value: unknown, what: string, name: string): Fields[] {
  if (!Array.isArray(value)) throw wrongShape(what, name);
  return value.map((item: unknown) => fieldsOf(item, what, 'object for each of its numbers'));
}

function textIn(fields: Fields, name: string, what: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw wrongShape(what, name);
  return value;
}

/** A rent that is not an amount of money counts as unknown. */
function rentIn(fields: Fields): { rent: string | null; currency: string | null } {
  const { rental_price: price, currency } = fields;
  const rent = typeof price === 'number' || typeof price === 'string' ? String(price) : '';
  return { rent: /^\d{1,8}(\.\d+)?$/.test(rent) ? rent : null, currency: textOrNull(currency) };
}

function placeIn({ country, region }: Fields): { country: string | null; region: string | null } {
  return { country: textOrNull(country), region: textOrNull(region) };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
