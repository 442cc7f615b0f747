import { parseE164, readSpelling, type Country, type E164 } from '../../phone-number/e164.js';
import type { InboundCall } from '../call-decision.js';
import type { Outcome } from '../interaction.entity.js';
import { parameter, sidIn, type TwilioForm } from './twilio-form.js';

/** Words that stand for a withheld number, spelt on a keypad: ANONYMOUS, UNAVAILABLE, RESTRICTED, BLOCKED, UNKNOWN. */
const WITHHELD = new Set(['266696687', '86282452253', '7378742833', '2562533', '8656696']);

/**
 * A call to one of our numbers. Null when it has no call id. Both numbers come in E.164; but a caller's number is what the
 * caller's network made of it, so any spelling is read, by the rules of the dialled number's country.
 * https://www.twilio.com/docs/voice/twiml#request-parameters
 */
export function parseVoice(form: TwilioForm, step: string): InboundCall | null {
  const providerCallId = sidIn(form, 'CallSid');
  if (providerCallId === null) return null;
  const named = [...new Set([parameter(form, 'To'), parameter(form, 'Called')])];
  const dialled = named.map((spelling) => parseE164(withPlus(spelling))).filter((number) => number !== null);
  return { provider: 'twilio', providerCallId, step, dialled: [...new Set(dialled)], caller: callerIn(form, dialled) };
}

function callerIn(form: TwilioForm, dialled: readonly E164[]): E164 | null {
  const spelling = parameter(form, 'From') || parameter(form, 'Caller');
  if (WITHHELD.has(spelling.replace(/\D/g, ''))) return null;
  const country: Country = (dialled[0] && readSpelling(dialled[0], 'US')?.country) ?? 'US';
  return readSpelling(spelling, country)?.number ?? null;
}

/** A plus that was posted bare is read as a space. */
function withPlus(spelling: string): string {
  return spelling.replace(/^ (?=\d)/, '+').trim();
}

/** What a call's report says: whose call it is, and how it went. Null when it says nothing that counts. */
export interface CallNews {
  readonly providerCallId: string;
  readonly outcome: Outcome;
  readonly talkSeconds: number;
}

const OUTCOME_OF_STATUS: Readonly<Record<string, Outcome>> = {
  completed: 'completed',
  answered: 'completed', // into a conference
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled', // the caller hung up first
};

/** The end of a `<Dial>`, of which its `action` is told. Who picked up and was not put through has not talked. */
export function parseDialResult(form: TwilioForm): CallNews | null {
  const providerCallId = sidIn(form, 'CallSid');
  if (providerCallId !== null && parameter(form, 'DialBridged') === 'false') {
    if (parameter(form, 'DialCallStatus') === 'completed')
      return { providerCallId, outcome: 'no-answer', talkSeconds: 0 };
  }
  return newsOf(providerCallId, parameter(form, 'DialCallStatus'), parameter(form, 'DialCallDuration'));
}

/** An event of the callee's leg, told under the id of the caller's: our call. */
export function parseLegEvent(form: TwilioForm): CallNews | null {
  return newsOf(sidIn(form, 'ParentCallSid'), parameter(form, 'CallStatus'), parameter(form, 'CallDuration'));
}

function newsOf(providerCallId: string | null, status: string, seconds: string): CallNews | null {
  const outcome = OUTCOME_OF_STATUS[status];
  if (providerCallId === null || outcome === undefined) return null;
  return { providerCallId, outcome, talkSeconds: outcome === 'completed' ? wholeSeconds(seconds) : 0 };
}

const LONGEST_TALK_SECONDS = 24 * 60 * 60;

function wholeSeconds(text: string): number {
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_TALK_SECONDS) : 0;
}
