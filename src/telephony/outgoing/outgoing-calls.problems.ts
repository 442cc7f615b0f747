import { Problem } from '../../platform/http/problem.js';

export class CallNotAllowed extends Problem {
  static readonly kind = { slug: 'call-not-allowed', status: 409, title: 'This call is not allowed now' };
  constructor(reference: string, reason: string) {
    super(
      CallNotAllowed.kind,
      `Order ${reference} does not allow this call (${reason}). It would be refused if it were dialled, too. POST /v1/routing/explain has more.`,
      { reference, reason },
    );
  }
}

export class CallKeyTaken extends Problem {
  static readonly kind = { slug: 'call-key-taken', status: 409, title: 'This Idempotency-Key belongs to another call' };
  constructor(reference: string) {
    super(
      CallKeyTaken.kind,
      `A call between other participants of order ${reference}, or in the other direction, has this Idempotency-Key. Use each key once.`,
      { reference },
    );
  }
}

export class CallsNotOffered extends Problem {
  static readonly kind = { slug: 'calls-not-offered', status: 422, title: 'The provider cannot place calls' };
  constructor(provider: string) {
    super(
      CallsNotOffered.kind,
      `Calls cannot be ordered from ${provider}: this installation has no account, or the provider does not support it. Show the number to dial instead.`,
      { provider },
    );
  }
}

export class OrderedCallNotFound extends Problem {
  static readonly kind = { slug: 'ordered-call-not-found', status: 404, title: 'No such ordered call' };
  constructor() {
    super(OrderedCallNotFound.kind, 'The order has no ordered call with this id. POST …/calls answers with the id.');
  }
}
