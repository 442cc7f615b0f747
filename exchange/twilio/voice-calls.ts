import { randomBytes } from 'node:crypto';

import { parseE164, type E164 } from '../../src/phone-number/e164.js';
import type { CallLog, CallRecord } from '../network/call-log.js';
import type { CallScript } from '../exotel/flow.js';
import type { Inventory, OwnedNumber } from '../network/inventory.js';
import { OperatorMistake } from '../network/operator-input.js';
import type { ManualCall, RingResult } from '../phones/manual-call.js';
import type { People } from '../phones/people.js';
import type { Phones } from '../phones/phones.js';
import { RestException } from '../network/provider-door.js';
import type { Step, Transcript } from '../network/transcript.js';
import { readTwiml, RejectedTwiml, VOICE, type Verb } from './twiml.js';
import { VoiceRun, type VoiceCall, type VoiceResult, type VoiceSource } from './voice-run.js';
import { ANONYMOUS, type TwilioWebhooks } from './webhooks.js';

const SECONDS_BEFORE_THE_TALK = 8;
const TALK_SECONDS = 61;
const EVENTS = ['initiated', 'ringing', 'answered', 'completed'];
const LONGEST_CALL_SECONDS = 86_400;
const LONGEST_RINGING_SECONDS = 600;
const USUAL_RINGING_SECONDS = 60;

/** An outbound call as requested over REST. */
interface CallOrder {
  readonly from: E164;
  readonly to: E164;
  readonly source: VoiceSource;
  readonly events: readonly string[];
  readonly ringingSeconds: number;
  readonly timeLimit: number;
}

/** Calls of the account: inbound, and requested over REST. */
export class VoiceCalls {
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly inventory: Inventory,
    private readonly people: People,
    private readonly calls: CallLog,
    private readonly transcripts: CallLog,
    private readonly webhooks: TwilioWebhooks,
    private readonly recordingUrl: (callSid: string) => string,
    private readonly phones: Phones,
  ) {}

  owns(number: E164): boolean {
    return this.inventory.find(number) !== null;
  }

  /** The number that somebody dials. @throws OperatorMistake if it has no voice URL */
  reach(to: E164): OwnedNumber {
    const number = this.inventory.find(to)!;
    if (!number.voiceUrl) throw new OperatorMistake(`${to} has no voice_url; no app is asked.`, 422);
    return number;
  }

  /** Dials one of the account's numbers. @throws OperatorMistake if the number has no voice URL */
  async dialIn(from: Transcript['from'], to: E164, script: CallScript, sid = aSid()): Promise<Transcript> {
    const number = this.reach(to);
    const call: VoiceCall = {
      sid,
      from: from === 'anonymous' ? ANONYMOUS : from,
      to,
      direction: 'inbound',
      startedAt: new Date(),
    };
    const record = this.begin(call, number.sid);
    const result = await this.run(call, sourceOf(number), script).play();
    await this.end(record, result, script.manual?.ringingSeconds);
    return this.keep(call, from, result, result.steps);
  }

  /** Resolves when all calls have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  /** Accepts a request for a call, which then runs on its own. @throws RestException */
  order(form: URLSearchParams): CallRecord {
    const order = this.read(form);
    const call: VoiceCall = {
      sid: aSid(),
      from: order.from,
      to: order.to,
      direction: 'outbound-api',
      startedAt: new Date(),
    };
    const record = this.begin(call, this.inventory.find(order.from)!.sid);
    record.status = 'queued';
    const of = { callSid: call.sid, provider: 'twilio', from: order.to, to: order.from } as const;
    const manual = this.phones.beginOrdered(of);
    const running: Promise<void> = new Promise(setImmediate) // the answer to the request comes before the call
      .then(() => this.callOut(order, call, record, manual))
      .catch(() => undefined) // the exchange is closing
      .finally(() => this.running.delete(running));
    this.running.add(running);
    if (manual) this.phones.follow(manual, running);
    return record;
  }

  private async callOut(
    order: CallOrder,
    call: VoiceCall,
    record: CallRecord,
    manual: ManualCall | null,
  ): Promise<void> {
    const steps = manual?.steps ?? [];
    steps.push({ ordered: order.to }, { rang: order.to }, { showed: order.from });
    const ringing = manual?.ring(order.to, order.from, order.ringingSeconds) ?? this.people.whenRung(order.to);
    for (const [sequence, event] of ['initiated', 'ringing'].entries()) {
      await this.report(order, call, steps, event, event, sequence);
    }
    const first = await ringing;
    if (first === 'answer') {
      record.status = 'in-progress';
      await this.report(order, call, steps, 'answered', 'in-progress', 2);
    }
    const script = {
      ...NO_SCRIPT,
      talkSeconds: Math.min(TALK_SECONDS, order.timeLimit),
      ...(manual ? { manual } : {}),
    };
    const played = first === 'answer' ? await this.run(call, order.source, script).play() : unanswered(first);
    if (played.steps !== steps) steps.push(...played.steps);
    const result = { ...played, steps };
    await this.end(record, result, manual?.ringingSeconds);
    await this.report(order, call, result.steps, 'completed', result.status, 3, record.durationSeconds);
    this.keep(call, order.from, result, result.steps);
  }

  private async report(
    order: CallOrder,
    call: VoiceCall,
    steps: Step[],
    event: string,
    CallStatus: string,
    sequence: number,
    seconds?: number,
  ): Promise<void> {
    const url = order.source.statusCallback;
    if (url === null || !order.events.includes(event)) return;
    await this.webhooks.post(steps, url, {
      AccountSid: this.webhooks.account.sid,
      ApiVersion: '2010-04-01',
      CallSid: call.sid,
      CallStatus,
      Direction: call.direction,
      From: call.from,
      Caller: call.from,
      To: call.to,
      Called: call.to,
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(sequence),
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
      ...(seconds === undefined ? {} : { CallDuration: String(seconds), Duration: String(Math.ceil(seconds / 60)) }),
    });
  }

  private run(call: VoiceCall, source: VoiceSource, script: CallScript): VoiceRun {
    // The end of an outbound call is reported with its other events.
    const told = call.direction === 'inbound' ? source : { ...source, statusCallback: null };
    return new VoiceRun(call, told, script, {
      webhooks: this.webhooks,
      owns: (number) => this.owns(number),
      picksUp: (number) => this.people.whenRung(number),
      recordingUrl: this.recordingUrl,
    });
  }

  private begin(call: VoiceCall, phoneNumberSid: string): CallRecord {
    const record: CallRecord = {
      sid: call.sid,
      createdAt: call.startedAt.toISOString(),
      from: call.from,
      to: call.to,
      phoneNumberSid,
      direction: call.direction,
      status: 'in-progress',
      endedAt: null,
      durationSeconds: 0,
      talkSeconds: 0,
      legs: [null, null],
      recordingUrl: null,
    };
    this.calls.begin(record);
    return record;
  }

  private async end(
    record: CallRecord,
    { status, talkSeconds, legs, recordingUrl }: VoiceResult,
    ringingSeconds = SECONDS_BEFORE_THE_TALK,
  ): Promise<void> {
    record.status = status;
    record.recordingUrl = recordingUrl;
    record.talkSeconds = talkSeconds;
    record.durationSeconds = status === 'completed' ? talkSeconds + ringingSeconds : 0;
    record.endedAt = new Date(Date.parse(record.createdAt) + record.durationSeconds * 1000).toISOString();
    await this.calls.end(record);
    for (const leg of legs) {
      const child: CallRecord = {
        sid: leg.sid,
        parentSid: record.sid,
        createdAt: record.createdAt,
        from: leg.shown,
        to: leg.to,
        phoneNumberSid: '',
        direction: 'outbound-dial',
        status: leg.status,
        endedAt: record.endedAt,
        durationSeconds: leg.talkSeconds,
        talkSeconds: leg.talkSeconds,
        legs: [null, null],
        recordingUrl: null,
      };
      this.calls.begin(child);
      await this.calls.end(child);
    }
  }

  private keep(call: VoiceCall, from: Transcript['from'], result: VoiceResult, steps: Step[]): Transcript {
    const last = result.legs.at(-1);
    const transcript: Transcript = {
      callSid: call.sid,
      from,
      to: call.to,
      connected: result.exit === 'answered',
      rang: last?.to ?? null,
      showed: (last?.shown as E164 | undefined) ?? null,
      heard: [...result.heard],
      exit: result.exit,
      steps,
    };
    this.transcripts.keepTranscript(transcript);
    return transcript;
  }

  private read(form: URLSearchParams): CallOrder {
    const to = parseE164(form.get('To') ?? '');
    if (!to) throw new RestException(400, `The 'To' number ${form.get('To')} is not valid.`, 21211);
    const from = parseE164(form.get('From') ?? '');
    if (!from || !this.owns(from)) {
      throw new RestException(400, `The source phone number ${form.get('From')} is not yet verified.`, 21210);
    }
    const [url, twiml] = [form.get('Url'), form.get('Twiml')];
    if (url === null && twiml === null) throw new RestException(400, 'Url parameter is required.', 21205);
    const timeout = form.get('Timeout') ?? String(USUAL_RINGING_SECONDS);
    if (!/^\d{1,3}$/.test(timeout) || Number(timeout) > LONGEST_RINGING_SECONDS) {
      throw new RestException(400, 'Timeout is not valid.', 21218);
    }
    const limit = form.get('TimeLimit') ?? '14400';
    if (!/^\d{1,5}$/.test(limit) || Number(limit) < 1 || Number(limit) > LONGEST_CALL_SECONDS) {
      throw new RestException(400, 'TimeLimit is not valid.', 21218);
    }
    const events = form.getAll('StatusCallbackEvent');
    const stray = events.find((event) => !EVENTS.includes(event));
    if (stray !== undefined) throw new RestException(400, `StatusCallbackEvent ${stray} is unknown.`, 21626);
    return {
      from,
      to,
      events: events.length > 0 ? events : ['completed'],
      ringingSeconds: Number(timeout),
      timeLimit: Number(limit),
      source: {
        url: twiml === null ? urlIn(form, 'Url', 21205) : null,
        fallbackUrl: form.has('FallbackUrl') ? urlIn(form, 'FallbackUrl', 21208) : null,
        ...(twiml === null ? {} : { twiml: twimlIn(twiml) }),
        statusCallback: form.has('StatusCallback') ? urlIn(form, 'StatusCallback', 21609) : null,
      },
    };
  }
}

const NO_SCRIPT: CallScript = {
  callee: undefined,
  talkSeconds: TALK_SECONDS,
  deliverTwice: false,
  delayMs: 0,
  skipPassthru: false,
  passthruFirst: false,
  backwards: false,
  keys: [],
};

export function aSid(): string {
  return `CA${randomBytes(16).toString('hex')}`;
}

function sourceOf({ voiceUrl, more }: OwnedNumber): VoiceSource {
  const url = (text: string | undefined) => (text ? new URL(text) : null);
  return {
    url: new URL(voiceUrl!),
    fallbackUrl: url(more?.['VoiceFallbackUrl']),
    statusCallback: url(more?.['StatusCallback']),
  };
}

function unanswered(first: Exclude<RingResult, 'answer'>): VoiceResult {
  const status = first === 'hangup' ? 'canceled' : first;
  return {
    exit: 'not-dialled',
    status,
    legs: [],
    talkSeconds: 0,
    recordingUrl: null,
    heard: [],
    steps: [{ reported: status, talkSeconds: 0 }],
  };
}

function urlIn(form: URLSearchParams, name: string, code: number): URL {
  const text = form.get(name) ?? '';
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new RestException(400, `${name} is not a valid URL: ${text}`, code);
  }
  return new URL(text);
}

function twimlIn(text: string): readonly Verb[] {
  try {
    return readTwiml({ status: 200, headers: { 'content-type': 'text/xml' }, body: text }, VOICE);
  } catch (error) {
    if (error instanceof RejectedTwiml) throw new RestException(400, `Twiml: ${error.message}`, error.code);
    throw error;
  }
}
