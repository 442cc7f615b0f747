import { Problem } from '../../platform/http/problem.js';

export class NoRecording extends Problem {
  static readonly kind = { slug: 'no-recording', status: 404, title: 'This call has no recording' };
  constructor(reference: string) {
    super(
      NoRecording.kind,
      `Order ${reference} has no such call, or none of which a recording was reported: its interactions with "recorded": true have one.`,
      { reference },
    );
  }
}

export class RecordingUnavailable extends Problem {
  static readonly kind = {
    slug: 'recording-unavailable',
    status: 502,
    title: 'The provider did not give the recording',
  };
  /** @param why ends the sentence, and names no link */
  constructor(provider: string, why: string) {
    super(
      RecordingUnavailable.kind,
      `${provider} has the recording and did not give it to us: ${why}. One may take minutes to be there; ask again later.`,
      { provider },
    );
  }
}
