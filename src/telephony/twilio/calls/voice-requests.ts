import { readDialled } from '../../../phone-number/dialled-number.js';
import { parseE164, parseSpelling, type Country, type E164 } from '../../../phone-number/e164.js';
import { plainSpelling } from '../../../phone-number/plain-spelling.js';
import type { InboundCall } from '../../calls/inbound-call.js';
import type { Outcome, CallReport } from '../../providers/call-report.js';
import { parameter, sidIn, type TwilioForm } from '../twilio-form.js';

/** Words for a withheld number, spelled on a keypad: ANONYMOUS, UNAVAILABLE, RESTRICTED, BLOCKED, UNKNOWN. */
const WITHHELD = new Set(['266696687', '86282452253', '7378742833', '2562533', '8656696']);

/**
 * A call to one of our numbers; null if it has no call id. Both numbers come in E.164. But the caller's network chooses
 * the form of the caller's number, so any form is read, by the rules of the dialled number's country.
 *
 * @param asksForDigits whether this answers a `<Gather>`, so that `Digits` counts even if it is empty
 *   https://www.twilio.com/docs/voice/twiml#request-parameters
 */
export function parseVoice(form: TwilioForm, step: string, asksForDigits: boolean): InboundCall | null {
  const providerCallId = sidIn(form, 'CallSid');
  if (providerCallId === null) return null;
  const digits = asksForDigits ? parameter(form, 'Digits') : null;
  return { provider: 'twilio', providerCallId, step, ...endsIn(form), digits };
}

/** The caller or sender, and the dialled number. */
export function endsIn(form: TwilioForm): Pick<InboundCall, 'dialled' | 'caller'> {
  const named = [...new Set([parameter(form, 'To'), parameter(form, 'Called')])];
  const dialled = named
    .map((spelling) => parseE164(plainSpelling(withPlus(spelling))))
    .filter((number) => number !== null);
  return { dialled: [...new Set(dialled)], caller: callerIn(form, dialled) };
}

function callerIn(form: TwilioForm, dialled: readonly E164[]): E164 | null {
  const spelling = parameter(form, 'From') || parameter(form, 'Caller');
  if (WITHHELD.has(spelling.replace(/\D/g, ''))) return null;
  const country: Country = (dialled[0] && readDialled(dialled[0], 'US')?.country) ?? 'US';
  return parseSpelling(spelling, country);
}

/** A plus that was not encoded is read as a space. */
function withPlus(spelling: string): string {
  return spelling.replace(/^ (?=\d)/, '+').trim();
}

/** A report on a call, and which call of ours it is about. Null if it reports nothing relevant. */
export interface CallNews {
  readonly providerCallId: string;
  readonly report: CallReport;
}

export const OUTCOME_OF_STATUS: Readonly<Record<string, Outcome>> = {
  completed: 'completed',
  answered: 'completed', // to a conference
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled', // the caller hung up first
};

/** The end of a `<Dial>`, as reported to its `action`. A callee who answered but was not connected has not talked. */
export function parseDialResult(form: TwilioForm): CallNews | null {
  const providerCallId = sidIn(form, 'CallSid');
  const outcome = outcomeIn(form, 'DialCallStatus');
  if (providerCallId === null || outcome === null) return null;
  const bridged = parameter(form, 'DialBridged') !== 'false';
  const recordingUrl = parameter(form, 'RecordingUrl') || null;
  if (outcome !== 'completed' || !bridged) {
    const other = outcome === 'completed' ? 'no-answer' : outcome;
    return { providerCallId, report: { state: 'ended', outcome: other, talkSeconds: 0, recordingUrl } };
  }
  const talkSeconds = secondsIn(form, 'DialCallDuration');
  return { providerCallId, report: { state: 'ended', outcome, talkSeconds, recordingUrl } };
}

/**
 * An event of the callee's leg, under the id of the caller's leg, which is our call. Events come in any order, but have
 * sequence numbers.
 */
export function parseLegEvent(form: TwilioForm): CallNews | null {
  const providerCallId = sidIn(form, 'ParentCallSid');
  if (providerCallId === null) return null;
  const status = parameter(form, 'CallStatus');
  if (status === 'ringing') return { providerCallId, report: { state: 'ringing' } };
  if (status === 'in-progress') return { providerCallId, report: { state: 'answered' } };
  const outcome = outcomeIn(form, 'CallStatus');
  if (outcome === null) return null;
  const talkSeconds = outcome === 'completed' ? secondsIn(form, 'CallDuration') : 0;
  return { providerCallId, report: { state: 'ended', outcome, talkSeconds, sequence: sequenceIn(form) } };
}

/** The end of an ordered call that its first participant did not answer, so that nobody else was dialled. */
export function parseUntaken(form: TwilioForm): CallNews | null {
  if (parameter(form, 'Direction') !== 'outbound-api' || parameter(form, 'ParentCallSid') !== '') return null;
  const providerCallId = sidIn(form, 'CallSid');
  const outcome = outcomeIn(form, 'CallStatus');
  if (providerCallId === null || outcome === null || outcome === 'completed') return null;
  return { providerCallId, report: { state: 'ended', outcome, talkSeconds: 0 } };
}

/** A finished recording, under the id of the caller's leg, which is our call. */
export function parseRecording(form: TwilioForm): CallNews | null {
  const providerCallId = sidIn(form, 'CallSid');
  const recordingUrl = parameter(form, 'RecordingUrl');
  const isThere = parameter(form, 'RecordingStatus') === 'completed' && recordingUrl !== '';
  return providerCallId !== null && isThere ? { providerCallId, report: { state: 'recorded', recordingUrl } } : null;
}

/** The id of a call whose first leg is over; null for a report on another leg, or on something else. */
export function endedCallIn(form: TwilioForm): string | null {
  if (parameter(form, 'ParentCallSid') !== '' || outcomeIn(form, 'CallStatus') === null) return null;
  return sidIn(form, 'CallSid');
}

function outcomeIn(form: TwilioForm, name: string): Outcome | null {
  const status = parameter(form, name);
  return Object.hasOwn(OUTCOME_OF_STATUS, status) ? OUTCOME_OF_STATUS[status]! : null;
}

const LONGEST_TALK_SECONDS = 24 * 60 * 60;

/** Null if it is missing: a talk time of 0 would mean that nobody talked. */
function secondsIn(form: TwilioForm, name: string): number | null {
  const text = parameter(form, name);
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_TALK_SECONDS) : null;
}

function sequenceIn(form: TwilioForm): number | null {
  const text = parameter(form, 'SequenceNumber');
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}
