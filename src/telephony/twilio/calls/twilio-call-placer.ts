import { Injectable, Optional } from '@nestjs/common';

import { ProviderUnavailable } from '../../providers/provider-errors.js';
import { CallPlacer, type CallToPlace } from '../../providers/call-placer.js';
import { TwilioApi, TWILIO_TIMING, type TwilioTiming } from '../twilio-api.js';
import { hook, TwilioConfig } from '../twilio-config.js';
import { dialling, ringSecondsAllowed } from './voice-reply.js';

const WHAT = 'a call that was ordered';
/** Twilio lists the newest first, and one of our numbers makes far fewer calls during the search. */
const MOST_CALLS = 1_000;

/**
 * Calls.create, https://www.twilio.com/docs/voice/api/call-resource. Each participant sees the number that they dial to
 * reach the other: the call's From for the first, the `<Dial>`'s callerId for the second.
 */
@Injectable()
export class TwilioCallPlacer extends CallPlacer {
  private readonly api: TwilioApi;

  constructor(
    private readonly config: TwilioConfig,
    @Optional() timing: TwilioTiming = TWILIO_TIMING,
  ) {
    super();
    this.api = new TwilioApi(config.account, timing);
  }

  async place(call: CallToPlace): Promise<string> {
    const { sid } = await this.api.ask(
      WHAT,
      (client) =>
        client.calls.create({
          to: call.caller,
          from: call.shownToCaller,
          timeout: ringSecondsAllowed(call.ringSeconds),
          twiml: dialling({ ...call, shownNumber: call.shownToCallee }, this.config),
          statusCallback: hook(this.config, 'voice/status'),
          statusCallbackMethod: 'POST',
        }),
      { repeat: 'never' },
    );
    if (typeof sid !== 'string' || sid === '') throw new ProviderUnavailable(`Twilio's answer to ${WHAT} has no sid.`);
    return sid;
  }

  /**
   * Searches by our own number and compares the person's phone here, so that no phone is in a URL. Does not search by
   * StartTime, which a queued call may lack.
   */
  async findPlaced(call: CallToPlace, since: Date, until: Date, known: ReadonlySet<string>): Promise<string | null> {
    const calls = await this.api.ask('the list of calls', (client) =>
      client.calls.list({ from: call.shownToCaller, pageSize: MOST_CALLS, limit: MOST_CALLS }),
    );
    const found = calls.findLast(
      ({ sid, direction, to, dateCreated }) =>
        direction === 'outbound-api' &&
        to === call.caller &&
        !known.has(sid) &&
        since <= dateCreated &&
        dateCreated <= until,
    );
    return found?.sid ?? null;
  }
}
