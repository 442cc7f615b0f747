import type { Outcome, CallReport } from '../../providers/call-report.js';

/**
 * The fields of a StatusCallback: JSON with a list of legs, or a form with flat keys, `Legs[0][Status]`.
 * https://developer.exotel.com/api/statuscallback
 */
export type StatusFields = Readonly<Record<string, unknown>>;

/** A Map, because an object also has `__proto__`. */
const OUTCOME_OF_STATUS: ReadonlyMap<string, Outcome> = new Map([
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['no-answer', 'no-answer'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
]);
const LONGEST_TALK_SECONDS = 24 * 60 * 60;

/**
 * How far an ordered call got, or how it ended. Uses the second leg if there is one, because the first leg only shows
 * that the first participant answered. Null if the fields contain neither.
 */
export function parseCallStatus(fields: StatusFields): CallReport | null {
  if (fields['EventType'] === 'answered') return { state: 'answered' };
  const outcome = OUTCOME_OF_STATUS.get(statusOfLeg(fields, 1)) ?? OUTCOME_OF_STATUS.get(textOf(fields['Status']));
  if (outcome === undefined) return null;
  const recordingUrl = textOf(fields['RecordingUrl']) || null;
  const talkSeconds = outcome === 'completed' ? secondsOf(fields['ConversationDuration']) : 0;
  return { state: 'ended', outcome, talkSeconds, recordingUrl };
}

function statusOfLeg(fields: StatusFields, index: number): string {
  const legs = fields['Legs'];
  const leg: unknown = Array.isArray(legs) ? legs[index] : undefined;
  if (typeof leg === 'object' && leg !== null) return textOf((leg as Record<string, unknown>)['Status']);
  return textOf(fields[`Legs[${index}][Status]`]);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function secondsOf(value: unknown): number | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_TALK_SECONDS) : null;
}
