import { Injectable, Optional } from '@nestjs/common';
import type { Twilio } from 'twilio';

import { countryOf, parseE164, type Country, type E164 } from '../../phone-number/e164.js';
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
import type { Repeat } from '../providers/provider-retry.js';
import { TwilioApi, TWILIO_TIMING, type TwilioTiming } from './twilio-api.js';
import { hook, TwilioConfig } from './twilio-config.js';

/** Twilio's types of numbers. Toll-free numbers cannot be shown in place of a participant's. */
const SHELVES = { landline: 'local', mobile: 'mobile' } as const;

const MOST_OFFERS = 30;
const PAGE_SIZE = 100;

/**
 * How Twilio requests a call or a text: two seconds to connect, then as long as a decision may take, and one retry.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
const PATIENCE = '#ct=2000&rt=4500&rc=1&rp=ct,rt,5xx';

/** The default URL of a number that was bought in the console. */
const TWILIOS_DEMO = /^https?:\/\/demo\.twilio\.com\//;

/** Twilio's numbers, https://www.twilio.com/docs/phone-numbers/api. Twilio does not state their rent. */
@Injectable()
export class TwilioNumbers extends NumberProvider {
  private readonly api: TwilioApi;

  constructor(
    private readonly config: TwilioConfig,
    @Optional() timing: TwilioTiming = TWILIO_TIMING,
  ) {
    super();
    this.api = new TwilioApi(config.account, timing);
  }

  async search(wish: NumberWish): Promise<OfferedNumber[]> {
    const shelves = wish.type ? [SHELVES[wish.type]] : Object.values(SHELVES);
    for (const smsEnabled of wish.texts ? [true, false] : [false]) {
      for (const shelf of shelves) {
        const offered = await this.searchAmong(shelf, wish, smsEnabled);
        if (offered.length > 0) return offered;
      }
    }
    return [];
  }

  async buy(number: E164): Promise<RentedNumber> {
    const what = `the purchase of ${number}`;
    const bought = await this.ask(
      what,
      (client) => client.incomingPhoneNumbers.create({ phoneNumber: number, ...this.settings() }),
      { repeat: 'if-undone' },
    );
    if (bought.phoneNumber !== number) {
      throw new ProviderUnavailable(`Twilio's answer to ${what} is about another number.`);
    }
    return { number, providerId: idOf(bought, what) };
  }

  async list(): Promise<OwnedNumber[]> {
    const what = 'the list of our numbers';
    const owned = await this.ask(what, (client) => client.incomingPhoneNumbers.list({ pageSize: PAGE_SIZE }));
    return owned.flatMap((one) => {
      // A number that cannot be read, for example a short code, cannot be one of ours.
      const number = parseE164(String(one.phoneNumber));
      return number ? [{ number, providerId: idOf(one, what), country: countryOf(number) ?? null, region: null }] : [];
    });
  }

  async flowOf(providerId: string): Promise<NumberFlow> {
    const what = `the question where calls to number ${providerId} go`;
    return this.flowIn(await this.ask(what, (client) => numberOf(client, providerId).fetch()));
  }

  /** A number of an application or a trunk is not changed: those take precedence over any URL. */
  async configure(providerId: string): Promise<NumberFlow> {
    const what = `the request to point number ${providerId} at us`;
    const before = await this.ask(what, (client) => numberOf(client, providerId).fetch());
    if (belongsElsewhere(before)) return 'other';
    return this.flowIn(await this.ask(what, (client) => numberOf(client, providerId).update(this.settings())));
  }

  async release(providerId: string): Promise<void> {
    const what = `the release of number ${providerId}`;
    await this.ask(what, (client) => numberOf(client, providerId).remove()).catch((error: unknown) => {
      if (!(error instanceof ProviderRefused) || error.status !== 404) throw error;
    });
  }

  private async ask<Answer>(
    what: string,
    request: (client: Twilio) => Promise<Answer>,
    options: { repeat?: Repeat } = {},
  ): Promise<Answer> {
    return this.api.ask(what, request, { ...options, isOfOurs: true });
  }

  /** Twilio has no page for a country in which it sells nothing. */
  private async searchAmong(
    shelf: 'local' | 'mobile',
    { country, region }: NumberWish,
    smsEnabled: boolean,
  ): Promise<OfferedNumber[]> {
    const wanted = { ...(region === null ? {} : { inRegion: region }), ...(smsEnabled ? { smsEnabled } : {}) };
    const params = { ...wanted, voiceEnabled: true, limit: MOST_OFFERS };
    const found = await this.ask(
      `the search for ${shelf} numbers in ${country}`,
      (client): Promise<{ phoneNumber: string }[]> => {
        const { local, mobile } = client.availablePhoneNumbers(country);
        return shelf === 'local' ? local.list(params) : mobile.list(params);
      },
    ).catch((error: unknown): { phoneNumber: string }[] => {
      if (error instanceof ProviderRefused && error.status === 404) return [];
      throw error;
    });
    return found.flatMap(({ phoneNumber }) => {
      const number = ownNumberIn(String(phoneNumber), country as Country);
      return number ? [{ number, rent: null }] : [];
    });
  }

  /** The fallback is the same address: a repeated request for a call or text gets the same answer. */
  private settings() {
    return {
      voiceUrl: hook(this.config, 'voice') + PATIENCE,
      voiceMethod: 'POST',
      voiceFallbackUrl: hook(this.config, 'voice') + PATIENCE,
      voiceFallbackMethod: 'POST',
      statusCallback: hook(this.config, 'voice/status'),
      statusCallbackMethod: 'POST',
      smsUrl: hook(this.config, 'messages') + PATIENCE,
      smsMethod: 'POST',
      smsFallbackUrl: hook(this.config, 'messages') + PATIENCE,
      smsFallbackMethod: 'POST',
    };
  }

  private flowIn(number: Settings): NumberFlow {
    if (belongsElsewhere(number)) return 'other';
    const url = (number.voiceUrl ?? '').trim();
    if (url === '' || TWILIOS_DEMO.test(url)) return 'none';
    return url.split('#')[0] === hook(this.config, 'voice') ? 'ours' : 'other';
  }
}

interface Settings {
  readonly voiceUrl?: string | null;
  readonly voiceApplicationSid?: string | null;
  readonly trunkSid?: string | null;
}

function belongsElsewhere({ voiceApplicationSid, trunkSid }: Settings): boolean {
  return Boolean(voiceApplicationSid) || Boolean(trunkSid);
}

function numberOf(client: Twilio, providerId: string): ReturnType<Twilio['incomingPhoneNumbers']> {
  if (!/^[\w-]+$/.test(providerId)) throw new ProviderRefused(`"${providerId}" is not the id of a Twilio number.`, 400);
  return client.incomingPhoneNumbers(providerId);
}

function idOf({ sid }: { sid: string }, what: string): string {
  if (typeof sid === 'string' && sid !== '') return sid;
  throw new ProviderUnavailable(`Twilio's answer to ${what} has no sid.`);
}
