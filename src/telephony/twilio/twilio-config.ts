/** How this installation and Twilio reach each other. A plain object, injected by this name. */
export abstract class TwilioConfig {
  abstract readonly account: {
    readonly sid: string;
    readonly authToken: string;
    /** Scheme and host. */
    readonly apiBase: string;
    /** Beginnings of the URLs of recordings, each with a path that ends with a slash. */
    readonly recordingUrls: readonly string[];
  };
  /** The tokens that may sign requests: the account's auth token, and the next one during a replacement. */
  abstract readonly signingTokens: readonly string[];
  /** The address at which Twilio reaches us, without a trailing slash; it is part of the signature. */
  abstract readonly publicBaseUrl: string;
  /** The whisper to the callee, with `{order}` and `{role}` to be filled in; null = none. */
  abstract readonly whisper: string | null;
}

/** The URL of one of our callbacks, for Twilio. */
export function hook({ publicBaseUrl }: Pick<TwilioConfig, 'publicBaseUrl'>, path: string): string {
  return `${publicBaseUrl}/hooks/twilio/${path}`;
}
