import { setTimeout as sleep } from 'node:timers/promises';

import type { Twilio } from 'twilio';

import type { TwilioConfig } from './twilio-config.js';
import { failureOf, MomentarilyUnavailable } from './twilio-errors.js';

export interface TwilioTiming {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Before the second attempt at most; twice that before the third. */
  readonly backoffMs: number;
}

export const TWILIO_TIMING: TwilioTiming = { timeoutMs: 10_000, backoffMs: 500 };

const ATTEMPTS = 3;
const TWILIOS_OWN = 'https://api.twilio.com';

/** Twilio's REST API, by its own package: that is loaded when it is first needed, as it takes half a second. */
export class TwilioApi {
  private client: Promise<Twilio> | null = null;

  constructor(
    private readonly account: TwilioConfig['account'],
    private readonly timing: TwilioTiming = TWILIO_TIMING,
  ) {}

  /**
   * Asks once, or what may be repeated up to three times, but not after a timeout.
   *
   * @param what is asked, for messages, as in `the purchase of +14152000001`
   * @param isPrivate whether Twilio's answer may name a person's phone
   * @throws ProviderUnavailable, ProviderRefused
   */
  async ask<Answer>(
    what: string,
    request: (client: Twilio) => Promise<Answer>,
    { once = false, isPrivate = false }: { once?: boolean; isPrivate?: boolean } = {},
  ): Promise<Answer> {
    const client = await (this.client ??= this.load());
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(client);
      } catch (error) {
        const failure = failureOf(what, error, this.timing.timeoutMs, isPrivate);
        if (once || attempt === ATTEMPTS || !(failure instanceof MomentarilyUnavailable)) throw failure;
        await sleep(Math.random() * this.timing.backoffMs * 2 ** (attempt - 1));
      }
    }
  }

  private async load(): Promise<Twilio> {
    const [{ default: twilio }, { default: RequestClient }] = await Promise.all([
      import('twilio'),
      import('twilio/lib/base/RequestClient.js'),
    ]);
    const { sid, authToken, apiBase } = this.account;
    const http = new RequestClient({ timeout: this.timing.timeoutMs });
    const send = http.request.bind(http);
    // The package knows regions of Twilio's only, not another address.
    http.request = (options) => send({ ...options, uri: options.uri.replace(TWILIOS_OWN, apiBase) });
    return twilio(sid, authToken, { httpClient: http });
  }
}
