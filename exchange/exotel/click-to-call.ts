import { randomBytes } from 'node:crypto';

import type { E164 } from '../../src/phone-number/e164.js';
import type { CallLog, CallRecord } from '../network/call-log.js';
import { pathWithoutSecret, type Callbacks } from '../network/callbacks.js';
import { answerTo } from './flow.js';
import type { Inventory } from '../network/inventory.js';
import { istTime } from '../network/ist-time.js';
import { nationalForm } from '../network/number-spelling.js';
import type { ManualCall, RingResult } from '../phones/manual-call.js';
import type { People } from '../phones/people.js';
import type { Phones } from '../phones/phones.js';
import { RestException } from '../network/provider-door.js';
import { phoneNumberIn, statusCallbackIn } from '../network/rest-form.js';
import type { AskedStep, Step } from '../network/transcript.js';

const LONGEST_CALL_SECONDS = 14_400;
const LONGEST_CUSTOM_FIELD = 128;
const TALK_SECONDS = 98;
const SECONDS_BEFORE_THE_TALK = 20;
const LONGEST_RINGING_SECONDS = 600;
const USUAL_RINGING_SECONDS = 60;
const CONTENT_TYPES = ['multipart/form-data', 'application/json'] as const;

interface ConnectRequest {
  from: E164;
  to: E164;
  callerId: E164;
  phoneNumberSid: string;
  customField: string | null;
  statusCallback: URL | null;
  events: string[];
  contentType: (typeof CONTENT_TYPES)[number];
  ringingSeconds: number;
  limitSeconds: number;
  record: boolean;
}

/**
 * Calls/connect: rings From, then To, both with CallerId as caller ID, and reports the result to the StatusCallback.
 */
export class ClickToCall {
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly inventory: Inventory,
    private readonly people: People,
    private readonly calls: CallLog,
    private readonly callbacks: Callbacks,
    private readonly hooks: () => string[],
    private readonly recordingUrl: (callSid: string) => string,
    private readonly phones: Phones,
  ) {}

  /** Answers at once, before the phones ring. @throws RestException */
  begin(form: URLSearchParams): CallRecord {
    const request = this.read(form);
    const record: CallRecord = {
      sid: randomBytes(16).toString('hex'),
      createdAt: new Date().toISOString(),
      from: nationalForm(request.from),
      to: nationalForm(request.to),
      phoneNumberSid: request.phoneNumberSid,
      direction: 'outbound-api',
      status: 'in-progress',
      endedAt: null,
      durationSeconds: 0,
      talkSeconds: 0,
      legs: [null, null],
      recordingUrl: null,
    };
    this.calls.begin(record);
    const of = { callSid: record.sid, provider: 'exotel', from: request.from, to: request.callerId } as const;
    const manual = this.phones.beginOrdered(of);
    const call = this.connect(request, record, manual)
      .catch(() => undefined) // happens only while the exchange closes
      .finally(() => this.running.delete(call));
    this.running.add(call);
    if (manual) this.phones.follow(manual, call);
    return { ...record };
  }

  /** Resolves when no call is in progress. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private async connect(request: ConnectRequest, record: CallRecord, manual: ManualCall | null): Promise<void> {
    await new Promise(setImmediate); // the answer to the request comes before the call
    const { from, to, callerId, ringingSeconds, limitSeconds } = request;
    const steps: Step[] = manual?.steps ?? [];
    steps.push({ ordered: from });
    const ring = async (phone: E164): Promise<RingResult> => {
      steps.push({ rang: phone }, { showed: callerId });
      return manual ? manual.ring(phone, callerId, ringingSeconds) : this.people.whenRung(phone);
    };
    const first = await ring(from);
    const second = first === 'answer' ? await ring(to) : null;
    const rang = second === null ? from : to;
    const connected = second === 'answer';
    if (connected) await this.report('answered', request, record, steps);
    const usually = Math.min(TALK_SECONDS, limitSeconds);
    const talkSeconds = connected ? ((await manual?.talk(limitSeconds)) ?? usually) : 0;
    finish(record, first, second, talkSeconds, manual?.ringingSeconds);
    if (connected && request.record) record.recordingUrl = this.recordingUrl(record.sid);
    steps.push({ reported: legStatus(second ?? first), talkSeconds: record.talkSeconds });
    await this.calls.end(record);
    await this.report('terminal', request, record, steps);
    const { sid } = record;
    const exit = connected ? 'answered' : 'no-answer';
    this.calls.keepTranscript({
      callSid: sid,
      from,
      to,
      connected,
      rang,
      showed: callerId,
      heard: [],
      exit,
      steps,
    });
  }

  private async report(
    event: 'answered' | 'terminal',
    request: ConnectRequest,
    record: CallRecord,
    steps: Step[],
  ): Promise<void> {
    const url = request.statusCallback;
    if (!url || !(request.events.includes(event) || (event === 'terminal' && request.events.length === 0))) return;
    const payload = request.events.length === 0 ? classicReport(record) : eventReport(event, request, record);
    const step: AskedStep = {
      asked: `POST ${pathWithoutSecret(url, this.hooks())}`,
      body: payload,
      status: null,
      answered: null,
      ms: 0,
    };
    steps.push(step);
    const { headers, body } = await encoded(payload, request.contentType);
    await answerTo(step, this.callbacks, { method: 'POST', url, headers, body });
  }

  private read(form: URLSearchParams): ConnectRequest {
    if (form.has('Url')) throw new RestException(400, 'Url is not played by this exchange: give To');
    const [from, to, callerId] = [
      phoneNumberIn(form, 'From'),
      phoneNumberIn(form, 'To'),
      phoneNumberIn(form, 'CallerId'),
    ];
    const shown = this.inventory.find(callerId);
    if (!shown) throw new RestException(400, 'CallerId is not an ExoPhone of this account');
    const customField = form.get('CustomField');
    if (customField !== null && customField.length > LONGEST_CUSTOM_FIELD) {
      throw new RestException(400, `CustomField is longer than ${LONGEST_CUSTOM_FIELD} characters`);
    }
    const limit = form.get('TimeLimit') ?? String(LONGEST_CALL_SECONDS);
    if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > LONGEST_CALL_SECONDS) {
      throw new RestException(400, `TimeLimit must be from 1 to ${LONGEST_CALL_SECONDS} seconds`);
    }
    const timeout = form.get('TimeOut') ?? String(USUAL_RINGING_SECONDS);
    if (!/^\d{1,3}$/.test(timeout) || Number(timeout) > LONGEST_RINGING_SECONDS) {
      throw new RestException(400, `TimeOut must be at most ${LONGEST_RINGING_SECONDS} seconds`);
    }
    const contentType = form.get('StatusCallbackContentType') ?? 'multipart/form-data';
    const known = CONTENT_TYPES.find((type) => type === contentType);
    if (!known) throw new RestException(400, `StatusCallbackContentType must be ${CONTENT_TYPES.join(' or ')}`);
    return {
      from,
      to,
      callerId,
      phoneNumberSid: shown.sid,
      customField,
      statusCallback: statusCallbackIn(form),
      events: [...form].flatMap(([name, value]) => (/^StatusCallbackEvents\[\d*\]$/.test(name) ? [value] : [])),
      contentType: known,
      ringingSeconds: Number(timeout),
      limitSeconds: Number(limit),
      record: form.get('Record') === 'true',
    };
  }
}

/** The leg that was busy or unanswered decides the call's status. */
function finish(
  record: CallRecord,
  first: RingResult,
  second: RingResult | null,
  talkSeconds: number,
  ringingSeconds = SECONDS_BEFORE_THE_TALK,
): void {
  record.talkSeconds = talkSeconds;
  record.durationSeconds = second === 'answer' ? talkSeconds + ringingSeconds : 0;
  record.legs = [legStatus(first), second === null ? null : legStatus(second)];
  record.status = legStatus(second ?? first);
  record.endedAt = new Date(Date.parse(record.createdAt) + record.durationSeconds * 1000).toISOString();
}

function legStatus(result: RingResult): 'completed' | 'busy' | 'no-answer' | 'canceled' {
  if (result === 'answer') return 'completed';
  return result === 'hangup' ? 'canceled' : result;
}

/** The report to a StatusCallback without events. */
function classicReport(record: CallRecord): Record<string, unknown> {
  const DateUpdated = istTime(new Date(record.endedAt ?? record.createdAt));
  return { CallSid: record.sid, DateUpdated, Status: record.status, RecordingUrl: record.recordingUrl };
}

function eventReport(event: string, request: ConnectRequest, record: CallRecord): Record<string, unknown> {
  const created = istTime(new Date(record.createdAt));
  const ended = record.endedAt === null ? null : istTime(new Date(record.endedAt));
  return {
    CallSid: record.sid,
    EventType: event,
    DateCreated: created,
    DateUpdated: ended ?? created,
    Status: record.status,
    To: record.to,
    From: record.from,
    PhoneNumberSid: record.phoneNumberSid,
    StartTime: created,
    EndTime: ended,
    ConversationDuration: record.talkSeconds,
    Direction: record.direction,
    CustomField: request.customField,
    RecordingUrl: record.recordingUrl,
    Legs: [
      { OnCallDuration: record.durationSeconds, Status: record.legs[0], AnsweredBy: 'NA' },
      {
        OnCallDuration: record.talkSeconds,
        Status: record.legs[1],
        AnsweredBy: record.talkSeconds > 0 ? 'HUMAN' : 'NA',
      },
    ],
  };
}

async function encoded(
  payload: Record<string, unknown>,
  contentType: ConnectRequest['contentType'],
): Promise<{ headers: Record<string, string>; body: Buffer | string }> {
  if (contentType === 'application/json') {
    return { headers: { 'content-type': contentType }, body: JSON.stringify(payload) };
  }
  const fields = new FormData();
  for (const [name, value] of flat('', payload)) fields.append(name, value);
  const multipart = new Response(fields);
  const headers = { 'content-type': multipart.headers.get('content-type') ?? contentType };
  return { headers, body: Buffer.from(await multipart.arrayBuffer()) };
}

/** Form fields of a nested object: `Legs[0][Status]`; null becomes an empty field. */
function flat(name: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, value === null ? '' : String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(name === '' ? key : `${name}[${key}]`, inner));
}
