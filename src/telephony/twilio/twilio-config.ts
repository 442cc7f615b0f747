import { Greetings } from '../greetings/greetings.js';

/** How this installation talks with Twilio, and Twilio with it. */
export class TwilioConfig {
  constructor(
    readonly account: {
      readonly sid: string;
      readonly authToken: string;
      /** Scheme and host. */
      readonly apiBase: string;
      /** Beginnings of the URLs at which recordings are kept. */
      readonly recordingUrls: readonly string[];
    },
    /** What requests may be signed with: the account's auth token, and the next one while it replaces it. */
    readonly signingTokens: readonly string[],
    /** Where Twilio reaches us, without a slash at its end: part of what is signed. */
    readonly publicBaseUrl: string,
    /** What the callee hears before being connected, `{order}` and `{role}` in it filled in; null = nothing. */
    readonly whisper: string | null = null,
    readonly greetings: Greetings = new Greetings(),
  ) {}

  /** One of our callbacks as Twilio is told of it. */
  hook(path: string): string {
    return `${this.publicBaseUrl}/hooks/twilio/${path}`;
  }
}
