import type { E164 } from '../../src/phone-number/e164.js';

/** One request to a callback of the app, and what it answered. */
export interface AskedStep {
  /** Method and path; the path's secret is shown as `…`. */
  asked: string;
  /** Asked at the fallback address. */
  fallback?: true;
  query?: Record<string, string>;
  /** A POST's fields. */
  body?: unknown;
  /** Null when nothing was answered. */
  status: number | null;
  answered: unknown;
  ms: number;
  /** Why the provider rejects this answer. */
  problem?: string;
}

export type Reported = 'completed' | 'no-answer' | 'busy' | 'failed' | 'canceled' | 'not-dialled' | 'nothing';

export type Step =
  | AskedStep
  | { rang: E164 }
  | { showed: E164 }
  | { heard: string; by: 'caller' | 'callee' }
  /** What the caller keyed when asked; nothing is keyed where it is empty. */
  | { keyed: string }
  | { reported: Reported; talkSeconds: number };

export type Exit = 'answered' | 'no-answer' | 'not-dialled';

/** What happened to a call, in order, for a person or a test to read. */
export interface Transcript {
  callSid: string;
  from: E164 | 'anonymous' | '';
  to: E164;
  connected: boolean;
  /** The last number that rang. */
  rang: E164 | null;
  /** The caller ID it rang with. */
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
  /** What the answer says back to the sender; null = nothing. */
  replied: string | null;
  steps: AskedStep[];
}
