import type { E164 } from '../../src/phone-number/e164.js';

/** A request to a callback of the app, and its answer. */
export interface AskedStep {
  /** Method and path; the secret in the path is replaced by `…`. */
  asked: string;
  /** The request went to the fallback URL. */
  fallback?: true;
  query?: Record<string, string>;
  /** The fields of a POST. */
  body?: unknown;
  /** Null = no answer. */
  status: number | null;
  answered: unknown;
  ms: number;
  /** Why the provider rejects the answer. */
  problem?: string;
}

export type Reported = 'completed' | 'no-answer' | 'busy' | 'failed' | 'canceled' | 'not-dialled' | 'nothing';

export type Step =
  | AskedStep
  /** The app ordered the call: whom to ring first. */
  | { ordered: E164 }
  | { rang: E164 }
  | { showed: E164 }
  | { heard: string; by: 'caller' | 'callee' }
  /** What the caller keyed; empty = nothing. */
  | { keyed: string }
  | { reported: Reported; talkSeconds: number };

export type Exit = 'answered' | 'no-answer' | 'not-dialled';

/** What happened to a call, in order. */
export interface Transcript {
  callSid: string;
  from: E164 | 'anonymous' | '';
  to: E164;
  connected: boolean;
  /** The last phone that rang. */
  rang: E164 | null;
  /** The caller ID that it showed. */
  showed: E164 | null;
  /** What the caller heard. */
  heard: string[];
  exit: Exit;
  steps: Step[];
}

/** What happened to a text, in order. */
export interface TextTranscript {
  smsSid: string;
  from: E164 | 'anonymous' | '';
  to: E164;
  /** The reply to the sender; null = none. */
  replied: string | null;
  steps: AskedStep[];
}
