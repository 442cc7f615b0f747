import { randomBytes } from 'node:crypto';

import { parseE164, type E164 } from '../../src/phone-number/e164.js';
import type { CallScript } from '../exotel/flow.js';
import type { Callee } from '../exotel/flow-requests.js';
import type { ManualCall } from '../phones/manual-call.js';
import type { AskedStep, Exit, Step } from '../network/transcript.js';
import { VOICE, type Verb } from './twiml.js';
import type { Parameters, TwilioWebhooks } from './webhooks.js';

export interface VoiceCall {
  readonly sid: string;
  /** In the provider's form: E.164, or its code for a withheld number. */
  readonly from: string;
  readonly to: E164;
  readonly direction: 'inbound' | 'outbound-api';
  readonly startedAt: Date;
}

/** Where a call gets its TwiML. */
export interface VoiceSource {
  readonly url: URL | null;
  readonly fallbackUrl: URL | null;
  /** TwiML that the request for the call contained; no URL is requested then. */
  readonly twiml?: readonly Verb[];
  /** Receives the report of the call's end. */
  readonly statusCallback: URL | null;
}

export interface Surroundings {
  readonly webhooks: TwilioWebhooks;
  readonly owns: (number: E164) => boolean;
  readonly picksUp: (number: E164) => Callee;
  readonly recordingUrl: (callSid: string) => string;
}

/** A leg to a person whom the call dialled. */
export interface Leg {
  readonly sid: string;
  readonly to: E164;
  readonly shown: string;
  readonly status: DialStatus;
  readonly talkSeconds: number;
}

export type DialStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

export interface VoiceResult {
  readonly exit: Exit;
  readonly status: DialStatus;
  readonly legs: readonly Leg[];
  readonly talkSeconds: number;
  /** Null = not recorded. */
  readonly recordingUrl: string | null;
  readonly heard: readonly string[];
  readonly steps: Step[];
}

/** What Twilio sends of the callee's leg in every request about it. */
type LegParameters = Readonly<Record<'CallSid' | 'ParentCallSid' | 'From' | 'Direction', string>> & {
  readonly To: E164;
};

/** In seconds. */
interface DialLimits {
  readonly ringing: number;
  readonly talking: number;
}

interface LegEnd {
  readonly status: DialStatus;
  readonly talkSeconds: number;
}

interface LegEvent {
  /** As the app names it when it asks for reports. */
  readonly event: 'initiated' | 'ringing' | 'answered' | 'completed';
  readonly status: string;
}

const INITIATED: LegEvent = { event: 'initiated', status: 'initiated' };
const RINGING: LegEvent = { event: 'ringing', status: 'ringing' };
const ANSWERED: LegEvent = { event: 'answered', status: 'in-progress' };

interface Document {
  /** The base for relative URLs, and for actions without a URL. */
  readonly url: URL | null;
  readonly verbs: readonly Verb[];
}

const APPLICATION_ERROR = 'We are sorry, an application error has occurred. Goodbye.';

const MOST_DOCUMENTS = 20;
const DIAL_TIMEOUT_SECONDS = [5, 600] as const;
const LONGEST_DIAL_SECONDS = 86_400;
const USUAL_DIAL_SECONDS = 14_400;
const USUAL_RINGING_SECONDS = 30;
const USUAL_KEYING_SECONDS = 5;

const STATUS_OF_CALLEE: Readonly<Record<Callee, DialStatus>> = {
  answer: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  hangup: 'canceled',
};

/**
 * Runs one call, from the request to the number's voice URL to the call's end. Plays the TwiML of each answer in turn.
 */
export class VoiceRun {
  private readonly steps: Step[];
  private readonly heard: string[];
  private readonly legs: Leg[] = [];
  private readonly keys: string[];
  private answered: boolean;
  private hungUp = false;
  private endsAs: DialStatus = 'no-answer';
  private documents = 0;
  private recordingUrl: string | null = null;

  constructor(
    private readonly call: VoiceCall,
    private readonly source: VoiceSource,
    private readonly script: CallScript,
    private readonly surroundings: Surroundings,
  ) {
    this.steps = script.manual?.steps ?? [];
    this.heard = script.manual?.heard ?? [];
    this.keys = [...script.keys];
    this.answered = call.direction === 'outbound-api';
  }

  async play(): Promise<VoiceResult> {
    if (this.script.passthruFirst) await this.reportTooEarly();
    const given = this.source.twiml;
    let document: Document | null = given ? { url: null, verbs: given } : await this.ask(this.source.url!, {});
    while (document !== null && !this.hungUp) document = await this.execute(document);
    const talked = this.legs.find(({ status, talkSeconds }) => status === 'completed' && talkSeconds > 0);
    const exit = talked ? 'answered' : this.legs.length > 0 ? 'no-answer' : 'not-dialled';
    const status = this.answered ? 'completed' : this.endsAs;
    const talkSeconds = talked?.talkSeconds ?? 0;
    if (!this.script.skipPassthru) await this.reportEnd(status, talkSeconds);
    const told = this.script.skipPassthru ? 'nothing' : (this.legs.at(-1)?.status ?? 'not-dialled');
    this.steps.push({ reported: told, talkSeconds });
    const { legs, heard, steps, recordingUrl } = this;
    return { exit, status, legs, talkSeconds, recordingUrl, heard, steps };
  }

  /** Plays a document until one of its verbs leads to another document, or to its end. */
  private async execute({ url, verbs }: Document): Promise<Document | null> {
    for (const [index, verb] of verbs.entries()) {
      if (this.hungUp) return null;
      switch (verb.name) {
        case 'Reject':
          if (index === 0 && !this.answered) this.endsAs = verb.attributes['reason'] === 'busy' ? 'busy' : 'no-answer';
          return null;
        case 'Hangup':
          return null;
        case 'Redirect':
          return this.ask(target(verb.text.trim(), url), {});
        case 'Gather': {
          const next = await this.gather(verb, url);
          if (next !== 'go-on') return next;
          break;
        }
        case 'Dial': {
          const next = await this.dial(verb, url);
          if (next !== 'go-on') return next;
          break;
        }
        default:
          this.hear(verb, 'caller');
      }
    }
    return null;
  }

  private async gather(verb: Verb, url: URL | null): Promise<Document | null | 'go-on'> {
    this.answered = true;
    for (const child of verb.children) this.hear(child, 'caller');
    const { numDigits, finishOnKey = '#', timeout, action, actionOnEmptyResult } = verb.attributes;
    const { manual } = this.script;
    const wanted = {
      maxDigits: Number(numDigits ?? Infinity),
      finishOnKey,
      timeoutSeconds: Number(timeout ?? USUAL_KEYING_SECONDS),
    };
    const keyed = manual ? await manual.collect(wanted) : (this.keys.shift() ?? '');
    this.steps.push({ keyed });
    if (manual?.hungUp) {
      this.hungUp = true;
      return null;
    }
    const end = finishOnKey === '' ? -1 : keyed.indexOf(finishOnKey);
    const digits = (end < 0 ? keyed : keyed.slice(0, end)).slice(0, numDigits ? Number(numDigits) : undefined);
    if (digits === '' && actionOnEmptyResult !== 'true') return 'go-on';
    return this.ask(target(action ?? '', url), {
      Digits: digits,
      ...(keyed === '' ? {} : { FinishedOnKey: finishOnKey }),
    });
  }

  private async dial(verb: Verb, url: URL | null): Promise<Document | null | 'go-on'> {
    const { callerId, answerOnBridge, action } = verb.attributes;
    if (answerOnBridge !== 'true') this.answered = true;
    const shown = callerId ?? this.call.from;
    const flaw = this.flawOf(verb);
    const leg = flaw === null ? await this.ringAll(verb, shown) : null;
    if (flaw !== null) this.blame(flaw);
    const status = leg?.status ?? 'failed';
    const talkSeconds = leg?.talkSeconds ?? 0;
    const bridged = talkSeconds > 0;
    if (bridged) this.answered = true;
    this.endsAs = status;
    if (status === 'canceled') this.hungUp = true;
    const { record = 'do-not-record' } = verb.attributes;
    if (bridged && record !== 'do-not-record') this.recordingUrl = this.surroundings.recordingUrl(this.call.sid);
    if (action === undefined || this.script.skipPassthru) return bridged || this.hungUp ? null : 'go-on';
    const result = {
      DialCallStatus: status,
      ...(leg ? { DialCallSid: leg.sid } : {}),
      ...(bridged ? { DialCallDuration: String(talkSeconds) } : {}),
      DialBridged: String(bridged),
      ...(this.recordingUrl === null ? {} : { RecordingUrl: this.recordingUrl }),
    };
    const next = await this.ask(target(action, url), result);
    await this.reportRecording(verb, talkSeconds);
    return this.hungUp ? null : next; // the caller who hung up hears nothing of the answer
  }

  /** Why the provider does not dial by this verb; null if it does. */
  private flawOf(verb: Verb): string | null {
    const { callerId, timeout, timeLimit } = verb.attributes;
    if (callerId !== undefined) {
      const number = parseE164(callerId);
      const { from, to } = this.call;
      if (number === null || (number !== from && number !== to && !this.surroundings.owns(number))) {
        return '13214: callerId is no number of the account, nor the caller’s or the called one';
      }
    }
    const [least, most] = DIAL_TIMEOUT_SECONDS;
    if (!isWhole(timeout, least, most)) return `12200: timeout must be from ${least} to ${most} seconds`;
    if (!isWhole(timeLimit, 1, LONGEST_DIAL_SECONDS))
      return `12200: timeLimit must be at most ${LONGEST_DIAL_SECONDS} s`;
    const numbers = numbersOf(verb);
    if (numbers.length === 0) return '12200: Dial holds no number';
    if (numbers.some(({ text }) => parseE164(text) !== text)) return '13224: a number to dial is not in E.164';
    return null;
  }

  /** Rings one number after the other until somebody answers. Earlier phones have stopped ringing by then. */
  private async ringAll(dial: Verb, shown: string): Promise<Leg> {
    const { timeout, timeLimit } = dial.attributes;
    const limits = {
      ringing: Number(timeout ?? USUAL_RINGING_SECONDS),
      talking: Number(timeLimit ?? USUAL_DIAL_SECONDS),
    };
    let leg: Leg | undefined;
    for (const number of numbersOf(dial)) {
      leg = await this.ring(number, parseE164(number.text)!, shown, limits);
      this.legs.push(leg);
      if (leg.talkSeconds > 0 || leg.status === 'canceled') break;
    }
    return leg!;
  }

  private async ring(number: Verb, to: E164, shown: string, limits: DialLimits): Promise<Leg> {
    const sid = `CA${randomBytes(16).toString('hex')}`;
    this.steps.push({ rang: to }, { showed: (shown || 'anonymous') as E164 });
    const leg = { CallSid: sid, ParentCallSid: this.call.sid, From: shown, To: to, Direction: 'outbound-dial' };
    const { manual } = this.script;
    const { status, talkSeconds } = manual
      ? await this.byHand(manual, number, leg, limits)
      : await this.byScript(number, leg, limits);
    return { sid, to, shown, status, talkSeconds };
  }

  /** The reports of the leg come after its end. */
  private async byScript(number: Verb, leg: LegParameters, limits: DialLimits): Promise<LegEnd> {
    const callee = this.script.callee ?? this.surroundings.picksUp(leg.To);
    const bridged = callee === 'answer' && (await this.whisper(number, leg));
    const talkSeconds = bridged ? Math.min(this.script.talkSeconds, limits.talking) : 0;
    const status = STATUS_OF_CALLEE[callee];
    const { skipPassthru, passthruFirst, backwards, delayMs } = this.script;
    const isReported = number.attributes['statusCallback'] !== undefined && !skipPassthru && !passthruFirst;
    if (!isReported) return { status, talkSeconds };
    const events: LegEvent[] = [
      INITIATED,
      ...(callee === 'busy' ? [] : [RINGING]),
      ...(callee === 'answer' ? [ANSWERED] : []),
      { event: 'completed', status },
    ];
    const reports = events.map((one, sequence) => ({ one, sequence }));
    await this.surroundings.webhooks.wait(delayMs);
    for (const { one, sequence } of backwards ? reports.toReversed() : reports) {
      await this.reportLeg(number, leg, one, sequence, talkSeconds);
    }
    return { status, talkSeconds };
  }

  /** The reports of the leg come while it happens. */
  private async byHand(manual: ManualCall, number: Verb, leg: LegParameters, limits: DialLimits): Promise<LegEnd> {
    let sequence = 0;
    const report = async (one: LegEvent, talkSeconds = 0) => {
      if (!this.script.skipPassthru) await this.reportLeg(number, leg, one, sequence, talkSeconds);
      sequence += 1;
    };
    const [callee] = await Promise.all([
      manual.ring(leg.To, leg.From, limits.ringing),
      report(INITIATED).then(() => report(RINGING)),
    ]);
    const bridged = callee === 'answer' && (await this.whisper(number, leg));
    if (callee === 'answer') await report(ANSWERED);
    const talkSeconds = bridged ? await manual.talk(limits.talking) : 0;
    const status = STATUS_OF_CALLEE[callee];
    await report({ event: 'completed', status }, talkSeconds);
    return { status, talkSeconds };
  }

  /** Plays the whisper to the callee. @returns false if the callee is not connected afterwards */
  private async whisper(number: Verb, leg: Parameters): Promise<boolean> {
    const { url } = number.attributes;
    if (url === undefined) return true;
    const parameters = { ...this.parameters(), ...leg, CallStatus: 'in-progress' };
    const verbs = await this.askAt(target(url, this.source.url), parameters, false);
    if (!(verbs instanceof Array)) return false;
    for (const verb of verbs) {
      if (verb.name === 'Hangup') return false;
      this.hear(verb, 'callee');
    }
    return true;
  }

  /** Reports an event of the callee's leg if the app wants it. */
  private async reportLeg(
    number: Verb,
    leg: LegParameters,
    { event, status }: LegEvent,
    sequence: number,
    talkSeconds: number,
  ): Promise<void> {
    const { statusCallback, statusCallbackEvent = 'completed' } = number.attributes;
    if (statusCallback === undefined || !statusCallbackEvent.split(/\s+/).includes(event)) return;
    const duration = { CallDuration: String(talkSeconds), Duration: String(Math.ceil(talkSeconds / 60)) };
    await this.tell(target(statusCallback, this.source.url), {
      ...this.parameters(),
      ...leg,
      CallStatus: status,
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(sequence),
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
      ...(event === 'completed' ? duration : {}),
    });
    this.script.manual?.tell();
  }

  /** Reports the end of the caller's leg to the number's own status callback. */
  private async reportEnd(status: DialStatus, talkSeconds: number): Promise<void> {
    if (this.source.statusCallback === null) return;
    await this.tell(this.source.statusCallback, {
      ...this.parameters(),
      CallStatus: status,
      CallDuration: String(talkSeconds + (this.answered ? 1 : 0)),
      SequenceNumber: '0',
      CallbackSource: 'call-progress-events',
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
    });
  }

  /**
   * Reports the end of the callee's leg before the question whom to ring, so the report does not contain the callee.
   */
  private async reportTooEarly(): Promise<void> {
    if (this.source.statusCallback === null) return;
    const status = STATUS_OF_CALLEE[this.script.callee ?? 'answer'];
    await this.tell(this.source.statusCallback, {
      ...this.parameters(),
      CallSid: `CA${randomBytes(16).toString('hex')}`,
      ParentCallSid: this.call.sid,
      CallStatus: status,
      SequenceNumber: '3',
      CallDuration: String(status === 'completed' ? this.script.talkSeconds : 0),
    });
  }

  private async tell(url: URL, parameters: Parameters): Promise<void> {
    const times = this.script.deliverTwice ? 2 : 1;
    for (let time = 0; time < times; time += 1) await this.surroundings.webhooks.post(this.steps, url, parameters);
  }

  /** Requests TwiML. If that fails, requests the fallback URL; if that fails too, the call ends. */
  private async ask(url: URL, more: Parameters): Promise<Document | null> {
    this.documents += 1;
    if (this.documents > MOST_DOCUMENTS) return this.giveUp();
    const parameters = { ...this.parameters(), ...more };
    const document = await this.askAt(url, parameters, false);
    if (this.script.deliverTwice) await this.askAt(url, parameters, false);
    if (document instanceof Array) return { url, verbs: document };
    const { fallbackUrl } = this.source;
    if (fallbackUrl === null) return this.giveUp();
    const failed = { ErrorCode: String(document), ErrorUrl: url.href };
    const verbs = await this.askAt(fallbackUrl, { ...parameters, ...failed }, true);
    return verbs instanceof Array ? { url: fallbackUrl, verbs } : this.giveUp();
  }

  private async askAt(url: URL, parameters: Parameters, fallback: boolean): Promise<readonly Verb[] | number> {
    return this.surroundings.webhooks.ask(this.steps, url, parameters, VOICE, { fallback });
  }

  private giveUp(): null {
    this.answered = true;
    this.hungUp = true;
    this.heard.push(APPLICATION_ERROR);
    this.steps.push({ heard: APPLICATION_ERROR, by: 'caller' });
    return null;
  }

  private hear(verb: Verb, by: 'caller' | 'callee'): void {
    if (by === 'caller') this.answered = true;
    if (verb.name === 'Pause') return;
    const heard = verb.text.trim();
    if (by === 'caller') this.heard.push(heard);
    this.steps.push({ heard, by });
    this.script.manual?.tell();
  }

  /** Adds a problem to the step whose answer caused it. */
  private blame(flaw: string): void {
    const asked = this.steps.findLast((step): step is AskedStep => 'asked' in step);
    if (asked) asked.problem = flaw;
  }

  /** Sent after the end of the call. */
  private async reportRecording({ attributes }: Verb, talkSeconds: number): Promise<void> {
    const { recordingStatusCallback } = attributes;
    if (this.recordingUrl === null || recordingStatusCallback === undefined) return;
    const { sid } = this.surroundings.webhooks.account;
    await this.tell(target(recordingStatusCallback, this.source.url), {
      AccountSid: sid,
      CallSid: this.call.sid,
      RecordingSid: this.recordingUrl.split('/').at(-1)!,
      RecordingUrl: this.recordingUrl,
      RecordingStatus: 'completed',
      RecordingSource: 'DialVerb',
      RecordingDuration: String(talkSeconds),
      RecordingChannels: '2',
      RecordingTrack: 'both',
      ErrorCode: '0',
    });
  }

  private parameters(): Parameters {
    const { sid, from, to, direction } = this.call;
    return {
      AccountSid: this.surroundings.webhooks.account.sid,
      ApiVersion: '2010-04-01',
      CallSid: sid,
      CallStatus: this.answered ? 'in-progress' : 'ringing',
      Direction: direction,
      From: from,
      Caller: from,
      To: to,
      Called: to,
      FromCity: '',
      FromState: '',
      FromZip: '',
      FromCountry: '',
      ToCity: '',
      ToState: '',
      ToZip: '',
      ToCountry: '',
    };
  }
}

function numbersOf(
  dial: Verb,
): { attributes: Verb['attributes']; text: string; name: string; children: Verb['children'] }[] {
  const bare = dial.text.trim();
  const nouns = dial.children.map((child) => ({ ...child, text: child.text.trim() }));
  return bare === '' ? nouns : [{ name: 'Number', attributes: {}, text: bare, children: [] }, ...nouns];
}

/** The URL of a verb, which may be relative; default: the URL of the document. */
function target(url: string, from: URL | null): URL {
  return new URL(url, from ?? undefined);
}

function isWhole(text: string | undefined, least: number, most: number): boolean {
  if (text === undefined) return true;
  return /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
