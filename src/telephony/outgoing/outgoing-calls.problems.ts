import { Problem } from '../../platform/http/problem.js';

export class CallNotAllowed extends Problem {
  static readonly kind = { slug: 'call-not-allowed', status: 409, title: 'This call may not be made now' };
  constructor(reference: string, reason: string) {
    super(
      CallNotAllowed.kind,
      `The order ${reference} does not let this call through (${reason}), as it would not if it were dialled; POST /v1/routing/explain tells more.`,
      { reference, reason },
    );
  }
}

export class CallKeyTaken extends Problem {
  static readonly kind = { slug: 'call-key-taken', status: 409, title: 'This key names another call' };
  constructor(reference: string) {
    super(
      CallKeyTaken.kind,
      `A call of the other side of order ${reference} was ordered under this Idempotency-Key: use a key once.`,
      { reference },
    );
  }
}

export class CallsNotOffered extends Problem {
  static readonly kind = { slug: 'calls-not-offered', status: 422, title: 'The provider makes no calls for us' };
  constructor(provider: string) {
    super(
      CallsNotOffered.kind,
      `Calls cannot be ordered at ${provider}, with which this installation has no account or no way to: show the number to dial instead.`,
      { provider },
    );
  }
}
