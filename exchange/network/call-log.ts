import { Journal } from './state-file.js';
import type { Transcript } from './transcript.js';

export const MOST_CALLS_KEPT = 10_000;

export type CallStatus = 'queued' | 'in-progress' | 'completed' | 'failed' | 'busy' | 'no-answer' | 'canceled';
export type LegStatus = 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled' | null;

/** What a provider's Calls API tells of a call. Numbers as the provider writes them. */
export interface CallRecord {
  readonly sid: string;
  readonly createdAt: string;
  readonly from: string;
  readonly to: string;
  readonly phoneNumberSid: string;
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  /** Of a leg that has a record of its own: the call it belongs to. */
  readonly parentSid?: string;
  status: CallStatus;
  endedAt: string | null;
  /** Of the caller's leg. */
  durationSeconds: number;
  talkSeconds: number;
  legs: [first: LegStatus, second: LegStatus];
  recordingUrl: string | null;
}

/** The last calls: their records, which outlive a restart once the call has ended, and their transcripts. */
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

  /** Resolves when the call's end would survive a kill. */
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
