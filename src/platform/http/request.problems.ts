import { Problem } from './problem.js';

export class InvalidRequest extends Problem {
  static readonly kind = { slug: 'invalid-request', status: 400, title: 'The request is not of the right form' };
  constructor(errors: readonly string[]) {
    super(InvalidRequest.kind, `${errors.join('; ')}.`, { errors });
  }
}

export class MissingKey extends Problem {
  static readonly kind = { slug: 'missing-key', status: 401, title: 'No valid API key' };
  constructor() {
    super(
      MissingKey.kind,
      'Send the header "Authorization: Bearer <key>" with the key that the start printed or API_KEY holds.',
    );
  }
}

export class TooManyWrongKeys extends Problem {
  static readonly kind = { slug: 'too-many-wrong-keys', status: 429, title: 'Too many wrong API keys' };
  constructor(retryAfterSeconds: number) {
    super(
      TooManyWrongKeys.kind,
      `Your address has sent too many wrong keys. Retry with the right key, which is accepted at any time, or in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }
}
