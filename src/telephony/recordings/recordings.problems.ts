import { Problem } from '../../platform/http/problem.js';

export class NoRecording extends Problem {
  static readonly kind = { slug: 'no-recording', status: 404, title: 'This call has no recording' };
  constructor(reference: string) {
    super(
      NoRecording.kind,
      `Order ${reference} has no such call, or the call has no recording. The order's interactions with "recorded": true have one.`,
      { reference },
    );
  }
}

export class RecordingUnavailable extends Problem {
  static readonly kind = {
    slug: 'recording-unavailable',
    status: 502,
    title: 'The provider did not deliver the recording',
  };
  /** @param why completes the sentence, and contains no link */
  constructor(provider: string, why: string) {
    super(
      RecordingUnavailable.kind,
      `${provider} did not deliver the recording: ${why}. A new recording may take some minutes; retry later.`,
      { provider },
    );
  }
}
