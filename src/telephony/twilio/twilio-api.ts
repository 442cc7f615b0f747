import { setTimeout as sleep } from 'node:timers/promises';

import type { Twilio } from 'twilio';

import type { TwilioConfig } from './twilio-config.js';
import { askAgain, type Repeat } from '../providers/provider-retry.js';
import { failureOf } from './twilio-errors.js';

export interface TwilioTiming {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Before the second attempt at least, twice that at most; double for the third. */
  readonly backoffMs: number;
}

export const TWILIO_TIMING: TwilioTiming = { timeoutMs: 10_000, backoffMs: 500 };

const TWILIOS_OWN = 'https://api.twilio.com';

/** Twilio's REST API, by its own package: that is loaded when it is first needed, as it takes half a second. */
export class TwilioApi {
  private client: Promise<Twilio> | null = null;

  constructor(
    private readonly account: TwilioConfig['account'],
    private readonly timing: TwilioTiming = TWILIO_TIMING,
  ) {}

  /**
   * Asks up to three times, as far as `repeat` allows, but not after a timeout.
   *
   * @param what is asked, for messages, as in `the purchase of +14152000001`
   * @param repeat when it is asked again after a failure; default always
   * @param isOfOurs whether it is about numbers of ours alone, so that what Twilio says of it may be quoted
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
    // The package knows regions of Twilio's only, not another address.
    http.request = (options) => send({ ...options, uri: options.uri.replace(TWILIOS_OWN, apiBase) });
    return twilio(sid, authToken, { httpClient: http });
  }
}
