import { Journal } from './state-file.js';
import type { Transcript } from './transcript.js';

const MOST_CALLS_KEPT = 10_000;

export type CallStatus = 'queued' | 'in-progress' | 'completed' | 'failed' | 'busy' | 'no-answer' | 'canceled';
export type LegStatus = 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled' | null;

/** A call as a provider's Calls API returns it, with numbers in the provider's form. */
export interface CallRecord {
  readonly sid: string;
  readonly createdAt: string;
  readonly from: string;
  readonly to: string;
  readonly phoneNumberSid: string;
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  /** For a leg with its own record: the call to which it belongs. */
  readonly parentSid?: string;
  status: CallStatus;
  endedAt: string | null;
  /** Duration of the caller's leg. */
  durationSeconds: number;
  talkSeconds: number;
  legs: [first: LegStatus, second: LegStatus];
  recordingUrl: string | null;
}

/**
 * The most recent calls: their records, which are kept after a restart once the call has ended, and their transcripts.
 */
export class CallLog {
  private readonly records = new Map<string, CallRecord>();
  private readonly transcripts = new Map<string, Transcript>();
  private readonly journal: Journal<CallRecord> | null;
  placed = 0;

  constructor(stateFile: string | undefined) {
    this.journal =
      stateFile === undefined
        ? null
        : new Journal(`${stateFile}.calls`, MOST_CALLS_KEPT, () =>
            [...this.records.values()].filter((record) => record.endedAt !== null),
          );
  }

  async load(): Promise<void> {
    for (const record of (await this.journal?.load()) ?? []) keepLast(this.records, record.sid, record);
    this.placed = this.records.size;
  }

  begin(record: CallRecord): void {
    this.placed += 1;
    keepLast(this.records, record.sid, record);
  }

  /** Resolves when the call's end is stored. */
  async end(record: CallRecord): Promise<void> {
    await this.journal?.append(record);
  }

  record(sid: string): CallRecord | null {
    return this.records.get(sid) ?? null;
  }

  /** Oldest first. */
  all(): CallRecord[] {
    return [...this.records.values()];
  }

  keepTranscript(transcript: Transcript): void {
    keepLast(this.transcripts, transcript.callSid, transcript);
  }

  transcript(sid: string): Transcript | null {
    return this.transcripts.get(sid) ?? null;
  }
}

function keepLast<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > MOST_CALLS_KEPT && oldest !== undefined) kept.delete(oldest);
}
