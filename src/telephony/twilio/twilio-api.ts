import { setTimeout as sleep } from 'node:timers/promises';

import type { Twilio } from 'twilio';

import type { TwilioConfig } from './twilio-config.js';
import { asProviderRequest } from '../providers/provider-request.js';
import { askAgain, type Repeat } from '../providers/provider-retry.js';
import { failureOf } from './twilio-errors.js';

export interface TwilioTiming {
  /** For one attempt. */
  readonly timeoutMs: number;
  /** Minimum wait before the second attempt; the maximum is twice as much. Doubled for the third attempt. */
  readonly backoffMs: number;
}

export const TWILIO_TIMING: TwilioTiming = { timeoutMs: 10_000, backoffMs: 500 };

const TWILIOS_OWN = 'https://api.twilio.com';

/** Twilio's REST API, through its own package, which is loaded at the first use because that takes half a second. */
export class TwilioApi {
  private client: Promise<Twilio> | null = null;

  constructor(
    private readonly account: TwilioConfig['account'],
    private readonly timing: TwilioTiming = TWILIO_TIMING,
  ) {}

  /**
   * Sends a request up to three times, as far as `repeat` allows, but not after a time-out.
   *
   * @param what the request's subject for messages, for example `the purchase of +14152000001`
   * @param repeat when to send it again after a failure; default: always
   * @param isOfOurs whether the request is only about our own numbers, so that Twilio's message may be quoted
   * @throws ProviderUnavailable, ProviderRefused
   */
  async ask<Answer>(
    what: string,
    request: (client: Twilio) => Promise<Answer>,
    { repeat = 'always', isOfOurs = false }: { repeat?: Repeat; isOfOurs?: boolean } = {},
  ): Promise<Answer> {
    const client = await (this.client ??= this.load());
    const attempt = () =>
      request(client).catch((error: unknown) => {
        throw failureOf(what, error, this.timing.timeoutMs, isOfOurs);
      });
    return askAgain(attempt, repeat, this.timing, (ms) => sleep(ms));
  }

  private async load(): Promise<Twilio> {
    const [{ default: twilio }, { default: RequestClient }] = await Promise.all([
      import('twilio'),
      import('twilio/lib/base/RequestClient.js'),
    ]);
    const { sid, authToken, apiBase } = this.account;
    const http = new RequestClient({ timeout: this.timing.timeoutMs });
    const send = http.request.bind(http);
    // The package supports only Twilio's own regions, not other addresses.
    http.request = async (options) =>
      asProviderRequest('twilio', String(options.method).toUpperCase(), async () => {
        const response = await send({ ...options, uri: options.uri.replace(TWILIOS_OWN, apiBase) });
        return Object.assign(response, { status: response.statusCode });
      });
    return twilio(sid, authToken, { httpClient: http });
  }
}
