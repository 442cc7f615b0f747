import { readDialled } from '../../../phone-number/dialled-number.js';
import { parseSpelling, type Country } from '../../../phone-number/e164.js';
import type { InboundCall } from '../../calls/inbound-call.js';
import type { Outcome, CallEnd } from '../../providers/call-report.js';
import { callSidOf, parameter, type ExotelQuery } from '../exotel-query.js';

/**
 * The flow's Connect applets: the first one, and those after each Gather. Primary and fallback URL of an applet are one
 * step. Two applets are two steps, so the same wrong PIN entered at both counts as two guesses.
 */
export const CONNECT_STEPS = ['connect', 'connect-pin', 'connect-pin-again'] as const;
export type ConnectStep = (typeof CONNECT_STEPS)[number];

/**
 * A Connect applet's request as a call; null if it has no call id. `To` is our number. `CallTo` may be another number
 * that carries the call, so it comes second. The caller is read by the rules of the dialled number's country.
 */
export function parseConnect(query: ExotelQuery, step: ConnectStep, country: Country): InboundCall | null {
  const providerCallId = callSidOf(query);
  if (providerCallId === null) return null;
  const read = [...new Set([parameter(query, 'To'), parameter(query, 'CallTo')])]
    .map((spelling) => readDialled(spelling, country))
    .filter((number) => number !== null);
  const dialled = [...new Set(read.map(({ number }) => number))];
  const caller = parseSpelling(parameter(query, 'CallFrom') || parameter(query, 'From'), read[0]?.country ?? country);
  const digits = step === 'connect' ? null : digitsOf(query);
  return { provider: 'exotel', providerCallId, step, dialled, caller, digits };
}

const MOST_DIGITS = 32;

/** Gather's digits come in literal double quotes, with or without the key that ended them. */
function digitsOf(query: ExotelQuery): string {
  return parameter(query, 'digits')
    .slice(0, 4 * MOST_DIGITS) // the trimming below takes quadratic time
    .replaceAll('"', '')
    .trim()
    .replace(/[#*]+$/, '')
    .slice(0, MOST_DIGITS);
}

/** The end of a call, as reported by a Passthru applet after one of Connect's exits. */
export function parseEnd(query: ExotelQuery, exit: 'answered' | 'no-answer' | 'not-dialled'): CallEnd {
  const state = 'ended';
  if (exit === 'not-dialled') return { state, outcome: 'not-dialled', talkSeconds: 0 };
  const outcome = outcomeOf(query, exit);
  return {
    state,
    outcome,
    talkSeconds: outcome === 'completed' ? talkSeconds(query) : 0,
    ringSeconds: ringSeconds(query),
    hungUpBy: hungUpBy(query),
    recordingUrl: recordingUrl(query),
  };
}

/** A Map, because an object also has `__proto__`. */
const OUTCOME_OF_DIAL: ReadonlyMap<string, Outcome> = new Map([
  ['completed', 'completed'],
  ['no-answer', 'no-answer'],
  ['busy', 'busy'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
]);

function outcomeOf(query: ExotelQuery, exit: 'answered' | 'no-answer'): Outcome {
  const known = OUTCOME_OF_DIAL.get(parameter(query, 'DialCallStatus'));
  if (known) return known;
  if (parameter(query, 'CallType') === 'client-hangup') return 'canceled';
  return exit === 'answered' ? 'completed' : 'no-answer';
}

/** Seconds that both talked: from the legs if reported, otherwise the whole second leg, including ringing. */
function talkSeconds(query: ExotelQuery): number {
  const legs = Object.keys(query)
    .filter((key) => /^Legs\[\d+\]\[OnCallDuration\]$/.test(key))
    .map((key) => wholeSeconds(parameter(query, key)));
  return legs.length > 0 ? Math.max(...legs) : wholeSeconds(parameter(query, 'DialCallDuration'));
}

/** Reported only to accounts with call insights, for example `4.58`. */
function ringSeconds(query: ExotelQuery): number | null {
  const told = valuesOf(query, /^(Legs\[\d+\]\[Insights\]|Insights)\[RingingDuration\]$/)[0] ?? '';
  return /^\d{1,4}(\.\d{1,9})?$/.test(told) ? Math.round(Number(told)) : null;
}

/** `Caller` or `Callee` if reported; anything else is unknown. */
function hungUpBy(query: ExotelQuery): CallEnd['hungUpBy'] {
  const told = valuesOf(query, /^(Legs\[\d+\](\[Insights\])?|Insights)\[DisconnectedBy\]$/).map((who) =>
    who.toLowerCase(),
  );
  return (['caller', 'callee'] as const).find((who) => told.includes(who)) ?? null;
}

/** Reportedly `null` if there is none, like other fields. */
function recordingUrl(query: ExotelQuery): string | null {
  const told = parameter(query, 'RecordingUrl');
  return told === '' || told === 'null' ? null : told;
}

function valuesOf(query: ExotelQuery, name: RegExp): string[] {
  return Object.keys(query)
    .filter((key) => name.test(key))
    .map((key) => parameter(query, key));
}

const LONGEST_TALK_SECONDS = 24 * 60 * 60;

function wholeSeconds(text: string): number {
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_TALK_SECONDS) : 0;
}
