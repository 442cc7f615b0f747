/** How this installation talks with Twilio, and Twilio with it: a plain object, injected by this name. */
export abstract class TwilioConfig {
  abstract readonly account: {
    readonly sid: string;
    readonly authToken: string;
    /** Scheme and host. */
    readonly apiBase: string;
    /** Beginnings of URLs, each with a path that ends in a slash: where recordings are kept. */
    readonly recordingUrls: readonly string[];
  };
  /** What requests may be signed with: the account's auth token, and the next one while it replaces it. */
  abstract readonly signingTokens: readonly string[];
  /** Where Twilio reaches us, without a slash at its end: part of what is signed. */
  abstract readonly publicBaseUrl: string;
  /** What the callee hears before being connected, `{order}` and `{role}` in it filled in; null = nothing. */
  abstract readonly whisper: string | null;
}

/** One of our callbacks as Twilio is told of it. */
export function hook({ publicBaseUrl }: Pick<TwilioConfig, 'publicBaseUrl'>, path: string): string {
  return `${publicBaseUrl}/hooks/twilio/${path}`;
}
