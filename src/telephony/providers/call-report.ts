/** How a call ended, in the order in which a later report may correct an earlier one. */
export const OUTCOMES = ['not-dialled', 'failed', 'canceled', 'no-answer', 'busy', 'completed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How far a call is known to have progressed before its end. */
export type Progress = 'ringing' | 'answered';

/** A provider's report on a call in progress, on a call's end, or on its recording. */
export type CallReport = CallProgress | CallEnd | CallRecording;

export interface CallProgress {
  readonly state: Progress;
}

export interface CallRecording {
  readonly state: 'recorded';
  /** The provider's link to the recording. */
  readonly recordingUrl: string;
}

export interface CallEnd {
  readonly state: 'ended';
  readonly outcome: Outcome;
  /** The provider's sequence number of this report, if it has one: of two similar reports the higher number wins. */
  readonly sequence?: number | null;
  /** How long both participants talked; null if unknown. */
  readonly talkSeconds: number | null;
  readonly ringSeconds?: number | null;
  readonly hungUpBy?: 'caller' | 'callee' | null;
  /** The provider's link to the recording. */
  readonly recordingUrl?: string | null;
}
