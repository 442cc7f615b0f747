import { Injectable, Optional } from '@nestjs/common';

import { CallRecords, type CallRecord } from '../../providers/call-records.js';
import type { CallEnd } from '../../providers/call-report.js';
import { ProviderRefused, ProviderUnavailable } from '../../providers/provider-errors.js';
import { TwilioApi, TWILIO_TIMING, type TwilioTiming } from '../twilio-api.js';
import { TwilioConfig } from '../twilio-config.js';
import { OUTCOME_OF_STATUS } from './voice-requests.js';

/** A leg of a call in Twilio's records. */
export interface BookedLeg {
  readonly status: string;
  readonly direction: string;
  /** Seconds, as text. */
  readonly duration: string | null;
}

/** More legs than any call has, because we dial one person. */
const MOST_LEGS = 10;

/** Calls and their dialled legs, https://www.twilio.com/docs/voice/api/call-resource. */
@Injectable()
export class TwilioCallRecords extends CallRecords {
  private readonly api: TwilioApi;

  constructor(
    private readonly config: TwilioConfig,
    @Optional() timing: TwilioTiming = TWILIO_TIMING,
  ) {
    super();
    this.api = new TwilioApi(config.account, timing);
  }

  async find(providerCallId: string, lacksRecording: boolean): Promise<CallRecord | null> {
    const what = `the details of call ${providerCallId}`;
    try {
      const call = await this.api.ask(what, (client) => client.calls(providerCallId).fetch());
      const legs = await this.api.ask(what, (client) =>
        client.calls.list({ parentCallSid: providerCallId, limit: MOST_LEGS }),
      );
      const booked = bookedCall(call, legs, what);
      if (!lacksRecording || booked.end?.outcome !== 'completed') return booked;
      return { end: { ...booked.end, recordingUrl: await this.recordingOf(providerCallId) } };
    } catch (error) {
      if (error instanceof ProviderRefused && error.status === 404) return null;
      throw error;
    }
  }

  /**
   * The URL of the recording, as the callback of a finished recording names it: the resource without a file extension.
   */
  private async recordingOf(callSid: string): Promise<string | null> {
    const what = `the recordings of call ${callSid}`;
    const [recording] = await this.api.ask(what, (client) => client.recordings.list({ callSid, limit: 1 }));
    return recording?.status === 'completed' ? `${this.config.account.apiBase}${recording.uri}` : null;
  }
}

/** @throws ProviderUnavailable if the answer has another shape */
export function bookedCall(call: BookedLeg, legs: readonly BookedLeg[], what: string): CallRecord {
  for (const { status } of [call, ...legs]) {
    if (typeof status !== 'string') throw new ProviderUnavailable(`Twilio's answer to ${what} has no status.`);
  }
  const isOver = [call, ...legs].every(({ status }) => Object.hasOwn(OUTCOME_OF_STATUS, status));
  return { end: isOver ? endOf(call, legs) : null };
}

/**
 * The end of the dialled leg. Without one, nobody was dialled: for an ordered call, its first participant did not
 * answer.
 */
function endOf(call: BookedLeg, legs: readonly BookedLeg[]): CallEnd {
  const leg = legs.find(({ status }) => status === 'completed') ?? legs[0];
  if (leg) {
    const outcome = OUTCOME_OF_STATUS[leg.status]!;
    return { state: 'ended', outcome, talkSeconds: outcome === 'completed' ? secondsOf(leg.duration) : 0 };
  }
  const wasTaken = call.direction !== 'outbound-api' || call.status === 'completed';
  return { state: 'ended', outcome: wasTaken ? 'not-dialled' : OUTCOME_OF_STATUS[call.status]!, talkSeconds: 0 };
}

function secondsOf(duration: string | null): number | null {
  return /^\d{1,6}$/.test(duration ?? '') ? Number(duration) : null;
}
