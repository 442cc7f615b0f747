import type { Country } from '../../phone-number/e164.js';

export const CALLER_ID_FORMS = ['omit', 'e164', 'national'] as const;
export type CallerIdForm = (typeof CALLER_ID_FORMS)[number];

/** What is asked of Exotel's callbacks beside their secret, and what is not certain of how it reads and writes. */
export interface ExotelCallbackSettings {
  /** Addresses and networks that they may come from; empty = anywhere. */
  readonly allowedCidrs: readonly string[];
  /** The flow and the account that a request must name, where it names one; null = any. */
  readonly flowId: string | null;
  readonly tenantId: string | null;
  /** The zone of its naive times, an IANA name; null = their times are not looked at. */
  readonly timeZone: string | null;
  /**
   * Different callers that may miss within a minute, on one number and on all together, until one process confirms matches:
   * a miss is a call that no order joins to its number. And calls of one caller that may miss, until they are refused
   * unheard. Null = any number of them.
   */
  readonly missesPerNumber: number | null;
  readonly missesInAll: number | null;
  readonly missesPerCaller: number | null;
  /** How the number to show is written in a reply; `omit` leaves it out, and the dialled number is shown. */
  readonly callerIdForm: CallerIdForm;
}

/** How this installation talks with Exotel, and Exotel with it: a plain object, injected by this name. */
export abstract class ExotelConfig {
  abstract readonly account: {
    readonly sid: string;
    readonly apiKey: string;
    readonly apiToken: string;
    /** Scheme and host, as in https://api.in.exotel.com */
    readonly apiBase: string;
    /** The call flow that our numbers are pointed at (their VoiceUrl). */
    readonly flowUrl: string;
    /** Beginnings of URLs, each with a path that ends in a slash: where recordings are kept. */
    readonly recordingUrls: readonly string[];
  };
  /** One secret, or two while one replaces the other: they stand in the callbacks' path. */
  abstract readonly hookSecrets: readonly string[];
  /** Where Exotel tells what became of calls that we order and texts that we send, the secret included. */
  abstract readonly hooks: string;
  /** The country whose national spelling Exotel uses for our numbers. */
  abstract readonly country: Country;
  /** How often the account's API may be asked, by all processes together. */
  abstract readonly requestsPerSecond: number;
  abstract readonly callbacks: ExotelCallbackSettings;
  /** Whether the account passes texts on. */
  abstract readonly texts: boolean;
}
