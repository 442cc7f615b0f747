import { Problem } from '../http/problem.js';

export class KeyNotFound extends Problem {
  static readonly kind = { slug: 'key-not-found', status: 404, title: 'No such API key' };
  constructor() {
    super(KeyNotFound.kind, 'No key has this id. GET /v1/keys lists the keys; those of API_KEY are not among them.');
  }
}

export class KeyEnded extends Problem {
  static readonly kind = { slug: 'key-ended', status: 409, title: 'The API key is revoked or expired' };
  constructor() {
    super(
      KeyEnded.kind,
      'A key that is revoked or expired can be neither rotated nor confirmed. Create another one with POST /v1/keys.',
    );
  }
}

export class BeyondOwnKey extends Problem {
  static readonly kind = { slug: 'beyond-own-key', status: 403, title: 'Your API key has less than this one' };
  constructor(what: string) {
    super(
      BeyondOwnKey.kind,
      `A key can create, rotate and revoke only keys that have no more than itself. Yours lacks ${what}.`,
    );
  }
}
