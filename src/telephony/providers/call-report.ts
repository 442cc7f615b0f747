/** How a call ended, in the order in which a later report may correct an earlier one. */
export const OUTCOMES = ['not-dialled', 'failed', 'canceled', 'no-answer', 'busy', 'completed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How far a call is known to have got before its end. */
export type Progress = 'ringing' | 'answered';

/** What a provider tells of a call under way, of one that is over, or of the recording of one. */
export type CallReport = CallProgress | CallEnd | CallRecording;

export interface CallProgress {
  readonly state: Progress;
}

export interface CallRecording {
  readonly state: 'recorded';
  /** The provider's link to it. */
  readonly recordingUrl: string;
}

export interface CallEnd {
  readonly state: 'ended';
  readonly outcome: Outcome;
  /** The provider's own number of this report, where it numbers them: of two alike the higher one stands. */
  readonly sequence?: number | null;
  /** How long both talked; null when it does not say. */
  readonly talkSeconds: number | null;
  readonly ringSeconds?: number | null;
  readonly hungUpBy?: 'caller' | 'callee' | null;
  /** The provider's link to the recording. */
  readonly recordingUrl?: string | null;
}
