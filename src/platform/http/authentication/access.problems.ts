import { Problem } from '../problem.js';
import type { Scope } from './scopes.js';

export class MissingScope extends Problem {
  static readonly kind = { slug: 'missing-scope', status: 403, title: 'The API key lacks a scope' };
  constructor(readonly scopes: readonly Scope[]) {
    super(
      MissingScope.kind,
      `The request needs a key with the scope ${scopes.join(' or ')}. This key does not have it.`,
      { scopes },
    );
  }
}

/** Not 401: clients give up a key after that, and this one works again when somebody has confirmed it. */
export class KeyUnconfirmed extends Problem {
  static readonly kind = { slug: 'key-unconfirmed', status: 503, title: 'The API key waits to be confirmed' };
  constructor() {
    super(
      KeyUnconfirmed.kind,
      'The database was restored from a backup, so this key may have been revoked since. It is accepted again when the operator has confirmed it.',
      { retryAfterSeconds: 30 },
    );
  }
}

export class LimitedToPools extends Problem {
  static readonly kind = { slug: 'limited-to-pools', status: 403, title: 'The API key is limited to pools' };
  constructor(detail = 'The request concerns all pools, but this key is limited to some. Use a key that is not.') {
    super(LimitedToPools.kind, detail);
  }
}
