import { Problem } from './problem.js';

export class InvalidRequest extends Problem {
  static readonly kind = { slug: 'invalid-request', status: 400, title: 'The request is not of the right form' };
  constructor(errors: readonly string[]) {
    super(InvalidRequest.kind, `${errors.join('; ')}.`, { errors });
  }
}

export class MissingKey extends Problem {
  static readonly kind = { slug: 'missing-key', status: 401, title: 'No valid API key' };
  constructor(
    detail = 'Send the header "Authorization: Bearer <key>" with a key of this installation, as in API_KEY.',
  ) {
    super(MissingKey.kind, detail);
  }
}

export class TooManyWrongKeys extends Problem {
  static readonly kind = { slug: 'too-many-wrong-keys', status: 429, title: 'Too many wrong API keys' };
  constructor(retryAfterSeconds: number) {
    super(
      TooManyWrongKeys.kind,
      `Your address has sent too many wrong keys. Send the right key, which is accepted at any time, or retry in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }
}

/**
 * The database is unreachable, silent, starting, read-only, full or too slow. Whether the request was done is unknown.
 */
export class DatabaseUnavailable extends Problem {
  static readonly kind = { slug: 'database-unavailable', status: 503, title: 'The database cannot be used now' };
  constructor() {
    super(
      DatabaseUnavailable.kind,
      'The database did not answer in time, or cannot be written to now. Retry; every request may be repeated safely.',
      { retryAfterSeconds: 5 },
    );
  }
}

export class Busy extends Problem {
  static readonly kind = { slug: 'busy', status: 503, title: 'Too many expensive requests at once' };
  constructor() {
    super(
      Busy.kind,
      'A few requests of this kind run at a time, and too many are waiting. Retry, and send fewer at once.',
      {
        retryAfterSeconds: 2,
      },
    );
  }
}
