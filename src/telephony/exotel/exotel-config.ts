import type { Country } from '../../phone-number/e164.js';
import type { ExotelCallbackSettings } from '../../platform/config/settings.js';
import { Greetings } from '../greetings/greetings.js';

/** Asks no more of a callback than its secret. */
export const ANY_CALLBACK: ExotelCallbackSettings = {
  allowedCidrs: [],
  flowId: null,
  tenantId: null,
  timeZone: null,
  missesPerNumber: null,
  missesInAll: null,
  missesPerCaller: null,
  callerIdForm: 'e164',
};

/** How this installation talks with Exotel, and Exotel with it. */
export class ExotelConfig {
  constructor(
    readonly account: {
      readonly sid: string;
      readonly apiKey: string;
      readonly apiToken: string;
      /** Scheme and host. */
      readonly apiBase: string;
      /** The call flow that our numbers are pointed at. */
      readonly flowUrl: string;
      /** Beginnings of the URLs at which recordings are kept. */
      readonly recordingUrls: readonly string[];
    },
    /** One secret, or two while one replaces the other: they stand in the callbacks' path. */
    readonly hookSecrets: readonly string[],
    /** The country whose national spelling Exotel uses for our numbers. */
    readonly country: Country,
    /** How often the account's API may be asked, by all processes together. */
    readonly requestsPerSecond: number,
    readonly callbacks: ExotelCallbackSettings = ANY_CALLBACK,
    readonly greetings: Greetings = new Greetings(),
    /** Where Exotel tells what became of texts, the secret included; null = the account passes none on. */
    readonly textHooks: string | null = null,
    /** Where Exotel tells what became of calls that we order, the secret included; null = it is asked for that later. */
    readonly callHooks: string | null = null,
  ) {}
}
