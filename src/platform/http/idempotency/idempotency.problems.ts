import { Problem } from '../problem.js';

export class InvalidIdempotencyKey extends Problem {
  static readonly kind = {
    slug: 'invalid-idempotency-key',
    status: 400,
    title: 'The Idempotency-Key cannot be read',
  };
  constructor() {
    super(
      InvalidIdempotencyKey.kind,
      'The header Idempotency-Key must be your own unique name for this request, once: 1 to 255 visible ASCII characters, with or without quotes, for example a UUID.',
      { header: 'Idempotency-Key' },
    );
  }
}

export class IdempotencyKeyInUse extends Problem {
  static readonly kind = {
    slug: 'idempotency-key-in-use',
    status: 409,
    title: 'The first request with this Idempotency-Key is under way',
  };
  constructor() {
    super(
      IdempotencyKeyInUse.kind,
      'The first request with this Idempotency-Key is not answered yet. Repeat it with the same key; the answer is then that of the first.',
      { retryAfterSeconds: 1 },
    );
  }
}

export class IdempotencyKeyReused extends Problem {
  static readonly kind = {
    slug: 'idempotency-key-reused',
    status: 422,
    title: 'This Idempotency-Key belongs to another request',
  };
  constructor() {
    super(
      IdempotencyKeyReused.kind,
      'A request to another endpoint, or with another body, had this Idempotency-Key within the last 24 h. Use a new key for each request, and the same one only to repeat it unchanged.',
    );
  }
}
