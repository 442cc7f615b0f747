import type { Country } from '../../phone-number/e164.js';

export const CALLER_ID_FORMS = ['omit', 'e164', 'national'] as const;
export type CallerIdForm = (typeof CALLER_ID_FORMS)[number];

/** Additional checks of Exotel's callbacks, and what is not certain about how Exotel reads and writes. */
export interface ExotelCallbackSettings {
  /** Addresses and networks that may send callbacks; empty = any. */
  readonly allowedCidrs: readonly string[];
  /** The flow and the account that a request must contain, if it contains one; null = any. */
  readonly flowId: string | null;
  readonly tenantId: string | null;
  /** The IANA time zone of its local times; null = times are not checked. */
  readonly timeZone: string | null;
  /**
   * How many different callers may miss on one number within a minute before matching calls are confirmed with Exotel. A
   * miss is a call that no order joins to its number. Null = no limit, here and below.
   */
  readonly missesPerNumber: number | null;
  /** The same for all numbers together. */
  readonly missesInAll: number | null;
  /** How many misses one caller may have within a minute before the caller is refused. */
  readonly missesPerCaller: number | null;
  /** The form of the shown number in a reply. `omit` leaves it out, and the dialled number is shown. */
  readonly callerIdForm: CallerIdForm;
}

/** How this installation and Exotel reach each other. A plain object, injected by this name. */
export abstract class ExotelConfig {
  abstract readonly account: {
    readonly sid: string;
    readonly apiKey: string;
    readonly apiToken: string;
    /** Scheme and host, as in https://api.in.exotel.com */
    readonly apiBase: string;
    /** The call flow that our numbers point to (their VoiceUrl). */
    readonly flowUrl: string;
    /** Beginnings of the URLs of recordings, each with a path that ends with a slash. */
    readonly recordingUrls: readonly string[];
  };
  /** The secret in the callbacks' path, or two while one replaces the other. */
  abstract readonly hookSecrets: readonly string[];
  /** The URL, with the secret, to which Exotel reports on ordered calls and sent texts. */
  abstract readonly hooks: string;
  /** The country whose national form Exotel uses for our numbers. */
  abstract readonly country: Country;
  /** The rate limit of requests to the account's API, over all processes. */
  abstract readonly requestsPerSecond: number;
  abstract readonly callbacks: ExotelCallbackSettings;
  /** Whether the account can forward texts. */
  abstract readonly texts: boolean;
}
