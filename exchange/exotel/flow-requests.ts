import { countryOf, type Country, type E164 } from '../../src/phone-number/e164.js';
import { END_TIME_OF_EVERY_FLOW_REQUEST, istTime, istTimeInWords } from '../network/ist-time.js';
import { spell, type NumberShape, type Spelling } from '../network/number-spelling.js';

export type Callee = 'answer' | 'busy' | 'no-answer' | 'hangup';

/** A call to one of the account's numbers. */
export interface IncomingCall {
  callSid: string;
  /** A withheld caller is sent as `anonymous` or as an empty value. */
  from: E164 | 'anonymous' | '';
  to: E164;
  /** The number that carries `to` on its network; it differs from `to` only in the form `differing-called`. */
  carriedOn: E164;
  spelling: Spelling;
  flowId: string;
  startedAt: Date;
}

/** How the attempt to reach the callee ended. */
export interface DialOutcome {
  callee: Callee;
  rang: readonly E164[];
  showed: E164;
  /** How long phones rang. */
  ringingSeconds: number;
  talkSeconds: number;
  recordingUrl: string | null;
}

const TENANT_ID = '90001';
const RECORDING_TAKES_MS = 5 * 60 * 1000;

export const DIAL_CALL_STATUS = {
  answer: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  hangup: 'canceled',
} as const satisfies Record<Callee, string>;

const CALL_TYPE: Record<Callee, string> = {
  answer: 'completed',
  busy: 'incomplete',
  'no-answer': 'incomplete',
  hangup: 'client-hangup',
};
const CAUSE: Record<Callee, [code: string, number: string]> = {
  answer: ['NORMAL_CLEARING', '16'],
  busy: ['USER_BUSY', '17'],
  'no-answer': ['RING_TIMEOUT', '1003'],
  hangup: ['ORIGINATOR_CANCEL', '487'],
};

/**
 * The request of a Connect or Gather applet. @param digits what the last Gather collected; null = no Gather came before
 */
export function connectQuery(call: IncomingCall, now: Date, digits: string | null): URLSearchParams {
  const query = new URLSearchParams([
    ['CallSid', call.callSid],
    ...ends(call),
    ['Direction', 'incoming'],
    ['Created', created(call)],
    ['DialCallDuration', '0'],
    ['StartTime', istTime(call.startedAt)],
    ['EndTime', END_TIME_OF_EVERY_FLOW_REQUEST],
    ['CallType', 'call-attempt'],
    ['DialWhomNumber', ''],
    ...flowAndLegs(call),
    ['CurrentTime', istTime(now)],
  ]);
  if (digits !== null) query.append('digits', `"${digits}"`);
  if (call.spelling === 'differing-called') {
    query.append('HangupLatencyStartTime', '');
    query.append('HangupLatencyStartTimeExocc', '');
  }
  return query;
}

/** The report after the exits "answered" and "nobody answered". */
export function dialledQuery(call: IncomingCall, outcome: DialOutcome, now: Date): URLSearchParams {
  const { callee, rang, showed, ringingSeconds, talkSeconds, recordingUrl } = outcome;
  const talked = callee === 'answer';
  const query = new URLSearchParams([
    ['CallSid', call.callSid],
    ...ends(call),
    ['Direction', 'incoming'],
    ['ForwardedFrom', 'null'],
    ['Created', created(call)],
    ['DialCallDuration', String(talked ? ringingSeconds + talkSeconds : 0)],
  ]);
  if (recordingUrl !== null) query.append('RecordingUrl', recordingUrl);
  const last = rang.at(-1);
  const rest: [string, string][] = [
    ['StartTime', istTime(call.startedAt)],
    ['EndTime', END_TIME_OF_EVERY_FLOW_REQUEST],
    ['DialCallStatus', DIAL_CALL_STATUS[callee]],
    ['CallType', CALL_TYPE[callee]],
    ['DialWhomNumber', last === undefined ? '' : written(call, last)],
    ['ProcessStatus', 'null'],
    ...flowAndLegs(call),
  ];
  for (const [name, value] of rest) query.append(name, value);
  if (recordingUrl !== null) {
    query.append('RecordingAvailableBy', istTimeInWords(new Date(now.getTime() + RECORDING_TAKES_MS)));
  }
  query.append('CurrentTime', istTime(now));
  query.append('OutgoingPhoneNumber', written(call, showed));
  const [causeCode, cause] = CAUSE[callee];
  for (const [index, number] of rang.entries()) {
    query.append(`Legs[${index}][Number]`, written(call, number));
    query.append(`Legs[${index}][Type]`, 'single');
    query.append(`Legs[${index}][OnCallDuration]`, String(talked ? talkSeconds : 0));
    query.append(`Legs[${index}][CallerId]`, written(call, showed));
    query.append(`Legs[${index}][CauseCode]`, causeCode);
    query.append(`Legs[${index}][Cause]`, cause);
  }
  return query;
}

/** The report after the exit "we didn't dial anyone". */
export function notDialledQuery(call: IncomingCall, now: Date): URLSearchParams {
  return new URLSearchParams([
    ['CallSid', call.callSid],
    ...ends(call),
    ['Direction', 'incoming'],
    ['ForwardedFrom', 'null'],
    ['Created', created(call)],
    ['DialCallDuration', '0'],
    ['StartTime', istTime(call.startedAt)],
    ['EndTime', END_TIME_OF_EVERY_FLOW_REQUEST],
    ['CallType', 'call-attempt'],
    ['DialWhomNumber', ''],
    ['ProcessStatus', 'null'],
    ...flowAndLegs(call),
    ['CurrentTime', istTime(now)],
  ]);
}

/** The request before the Switch Case applet: why nobody was dialled. */
export function reasonQuery(call: IncomingCall): URLSearchParams {
  return new URLSearchParams([
    ['CallSid', call.callSid],
    ...ends(call),
    ['Direction', 'incoming'],
    ['CallType', 'call-attempt'],
    ['From', caller(call)],
    ['To', written(call, call.to)],
    ['flow_id', call.flowId],
  ]);
}

/** The request of the Greeting applet: what to say. */
export function greetingQuery(call: IncomingCall): URLSearchParams {
  return new URLSearchParams([
    ['CallSid', call.callSid],
    ['From', caller(call)],
    ['To', written(call, call.to)],
    ['DialWhomNumber', ''],
  ]);
}

type Field = [name: string, value: string];

function ends(call: IncomingCall): Field[] {
  const carried = call.spelling === 'differing-called' ? spell(call.carriedOn, 'bare', home(call)) : null;
  return [
    ['CallFrom', caller(call)],
    ['CallTo', carried ?? written(call, call.to)],
  ];
}

function flowAndLegs(call: IncomingCall): Field[] {
  return [
    ['flow_id', call.flowId],
    ['tenant_id', TENANT_ID],
    ['From', caller(call)],
    ['To', written(call, call.to)],
  ];
}

function caller(call: IncomingCall): string {
  if (call.from === '' || call.from === 'anonymous') return call.from;
  const shape = call.spelling === 'differing-called' ? 'e164' : call.spelling;
  return spell(call.from, shape, home(call));
}

function written(call: IncomingCall, number: E164): string {
  const shape: NumberShape = call.spelling === 'differing-called' ? 'national' : call.spelling;
  return spell(number, shape, home(call));
}

function created(call: IncomingCall): string {
  return call.spelling === 'differing-called' ? istTime(call.startedAt) : istTimeInWords(call.startedAt);
}

/** Numbers are written as on the network of the dialled number. */
function home(call: IncomingCall): Country {
  return countryOf(call.to) ?? 'IN';
}
