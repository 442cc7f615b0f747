import { Problem } from '../../platform/http/problem.js';

export class CallNotFound extends Problem {
  static readonly kind = { slug: 'call-not-found', status: 404, title: 'The order has no such call' };
  constructor(reference: string) {
    super(
      CallNotFound.kind,
      `Order ${reference} has no call with this provider and id. Its interactions list the ids.`,
      { reference },
    );
  }
}

export class NoRecording extends Problem {
  static readonly kind = { slug: 'no-recording', status: 404, title: 'This call has no recording' };
  constructor(reference: string) {
    super(
      NoRecording.kind,
      `The call has no recording. Interactions of order ${reference} with "recorded": true have one.`,
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
