import { Injectable, Optional } from '@nestjs/common';

import { CallRecords, type CallRecord } from '../../providers/call-records.js';
import type { Outcome, CallEnd } from '../../providers/call-report.js';
import { ProviderRefused, ProviderUnavailable } from '../../providers/provider-errors.js';
import { ExotelApi, EXOTEL_TIMING, type ExotelTiming } from '../exotel-api.js';
import { ExotelConfig } from '../exotel-config.js';
import { ExotelRateLimit } from '../exotel-rate-limit.js';

type Fields = Readonly<Record<string, unknown>>;

const NOT_OVER = new Set(['queued', 'ringing', 'in-progress', '']);
const OUTCOME_OF_STATUS: Readonly<Record<string, Outcome>> = {
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled',
};

/** The two parties of a call, in Exotel's form. */
export interface CallParties {
  readonly from: string;
  readonly to: string;
  readonly isOver: boolean;
}

export const MOST_CALLS_AT_ONCE = 100;

/** A caller hears silence meanwhile. */
const WHILE_SOMEBODY_WAITS: ExotelTiming = { timeoutMs: 1_500, backoffMs: 100 };

/** Call details, API v1, https://developer.exotel.com/api/call-details. Exotel records durations some minutes late. */
@Injectable()
export class ExotelCallRecords extends CallRecords {
  private readonly api: ExotelApi;
  private readonly quickApi: ExotelApi;

  constructor(config: ExotelConfig, limit: ExotelRateLimit, @Optional() timing: ExotelTiming = EXOTEL_TIMING) {
    super();
    this.api = new ExotelApi(config.account, limit, timing, 'v1');
    this.quickApi = new ExotelApi(config.account, limit, WHILE_SOMEBODY_WAITS, 'v1');
  }

  async find(providerCallId: string): Promise<CallRecord | null> {
    const what = `the details of call ${providerCallId}`;
    const path = `Calls/${encodeURIComponent(providerCallId)}.json?details=true`;
    try {
      return bookedCall(await this.api.ask({ what, method: 'GET', path }), what);
    } catch (error) {
      if (error instanceof ProviderRefused && error.status === 404) return null;
      throw error;
    }
  }

  /**
   * The parties of up to `MOST_CALLS_AT_ONCE` calls, by id; calls that Exotel does not know are left out. A single call
   * is read by its id, several with one request.
   *
   * @throws ProviderUnavailable, ProviderRefused
   */
  async parties(callSids: readonly string[]): Promise<Map<string, CallParties>> {
    const what = `the parties of ${callSids.length} calls`;
    const ids = callSids.map(encodeURIComponent);
    const [path, callsIn] =
      ids.length === 1
        ? [`Calls/${ids[0]}.json`, (answer: Fields) => [answer['Call']]]
        : [`Calls.json?Sid=${ids.join(',')}&PageSize=${MOST_CALLS_AT_ONCE}`, (answer: Fields) => answer['Calls']];
    const answer = await this.quickApi.ask({ what, method: 'GET', path }).catch((error: unknown) => {
      if (error instanceof ProviderRefused && error.status === 404) return {};
      throw error;
    });
    const calls = callsIn(fieldsOf(answer));
    const found = (Array.isArray(calls) ? calls : []).map(fieldsOf);
    return new Map(
      found.flatMap((call) => {
        const parties = partiesIn(call);
        return parties ? [[textOf(call['Sid']), parties]] : [];
      }),
    );
  }
}

/** Undefined if one of them is missing. */
function partiesIn(call: Fields): CallParties | undefined {
  const { From: from, To: to, Status: status } = call;
  if (typeof from !== 'string' || typeof to !== 'string' || typeof status !== 'string') return undefined;
  return { from, to, isOver: !NOT_OVER.has(status) };
}

/** @throws ProviderUnavailable if the answer has another shape */
export function bookedCall(answer: unknown, what: string): CallRecord {
  const { Call: call } = fieldsOf(answer);
  const fields = fieldsOf(call);
  const { Status: status } = fields;
  if (typeof status !== 'string') throw new ProviderUnavailable(`Exotel's answer to ${what} has no Status.`);
  return { end: NOT_OVER.has(status) ? null : endOf(fields, status) };
}

/** The second leg rings the callee, so its end is the call's end. Without one, nobody was dialled. */
function endOf(fields: Fields, status: string): CallEnd {
  const details = fieldsOf(fields['Details']);
  const hasDetails = Object.keys(details).length > 0;
  const ofSecondLeg = hasDetails ? textOf(details['Leg2Status']) : status;
  const outcome =
    OUTCOME_OF_STATUS[ofSecondLeg] ?? (OUTCOME_OF_STATUS[status] === 'completed' ? 'not-dialled' : 'failed');
  const talked = secondsOf(details['ConversationDuration']);
  return {
    state: 'ended',
    outcome,
    talkSeconds: outcome === 'completed' ? talked : 0,
    recordingUrl: textOf(fields['RecordingUrl']) || null,
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Numbers come as text or as numbers. */
function secondsOf(value: unknown): number | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}
