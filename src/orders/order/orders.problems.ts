import { Problem } from '../../platform/http/problem.js';

export class OrderNotFound extends Problem {
  static readonly kind = { slug: 'order-not-found', status: 404, title: 'There is no such order' };
  /** Quotes nothing: a reference that names no order may be anything, a phone say. */
  constructor() {
    super(OrderNotFound.kind, 'No order has this reference: place it with POST /v1/orders.');
  }
}

export class ReferenceTaken extends Problem {
  static readonly kind = { slug: 'reference-taken', status: 409, title: 'This reference names another order' };
  constructor(reference: string) {
    super(
      ReferenceTaken.kind,
      `Order ${reference} was placed with another customer, pool or lifetime, or is long over: use a reference once.`,
      { reference },
    );
  }
}

export class OrderClosed extends Problem {
  static readonly kind = { slug: 'order-closed', status: 409, title: 'The order is over' };
  constructor(reference: string, endedBecause: string) {
    super(
      OrderClosed.kind,
      `Order ${reference} was ${endedBecause}, so nothing of it can be changed any more: place a new order.`,
      {
        reference,
        endedBecause,
      },
    );
  }
}

export class UnusablePhone extends Problem {
  static readonly kind = { slug: 'unusable-phone', status: 422, title: 'This phone cannot be connected' };
  constructor(field: string, why: string) {
    super(UnusablePhone.kind, `${field} ${why}.`, { field });
  }
}

export class SamePhone extends Problem {
  static readonly kind = { slug: 'same-phone', status: 422, title: 'Customer and agent are one phone' };
  constructor(reference: string) {
    super(SamePhone.kind, `This phone is one of the other side of order ${reference}: nobody can call themselves.`, {
      reference,
    });
  }
}

export class NotInGrace extends Problem {
  static readonly kind = { slug: 'not-in-grace', status: 409, title: 'The order is over for good' };
  constructor(reference: string) {
    super(NotInGrace.kind, `The grace of order ${reference} is over and its numbers went back: place a new order.`, {
      reference,
    });
  }
}

export class NoAgentYet extends Problem {
  static readonly kind = { slug: 'no-agent-yet', status: 409, title: 'The order has no agent yet' };
  constructor(reference: string) {
    super(NoAgentYet.kind, `Order ${reference} has no agent: assign one with PUT /v1/orders/${reference}/agent.`, {
      reference,
    });
  }
}

export class OrderWithoutNumbers extends Problem {
  static readonly kind = { slug: 'order-without-numbers', status: 409, title: 'Nobody of the order has a number now' };
  constructor(reference: string) {
    super(
      OrderWithoutNumbers.kind,
      `The sides of order ${reference} cannot call each other now: it has no agent yet, awaits numbers, or is over.`,
      { reference },
    );
  }
}

export class PhoneTaken extends Problem {
  static readonly kind = { slug: 'phone-taken', status: 409, title: 'This phone cannot be told apart on that number' };
  constructor(reference: string) {
    super(
      PhoneTaken.kind,
      `Calls of this phone to the number that the participant of order ${reference} dials lead to another order, or did until lately: use another phone, or the PIN.`,
      { reference },
    );
  }
}

export class TooManyPhonesTried extends Problem {
  static readonly kind = { slug: 'too-many-phones-tried', status: 429, title: 'Too many phones for one order' };
  constructor(reference: string, retryAfterSeconds: number) {
    super(
      TooManyPhonesTried.kind,
      `Requests brought too many different phones for order ${reference} within an hour: retry in ${retryAfterSeconds} s.`,
      { reference, retryAfterSeconds },
    );
  }
}

export class TooManyPhones extends Problem {
  static readonly kind = { slug: 'too-many-phones', status: 409, title: 'The participant has many phones already' };
  constructor(reference: string, most: number) {
    super(
      TooManyPhones.kind,
      `The participant of order ${reference} has ${most} phones beside the registered one: withdraw one of them first.`,
      { reference },
    );
  }
}

export class PhoneNotFound extends Problem {
  static readonly kind = { slug: 'phone-not-found', status: 404, title: 'The participant has no such phone' };
  constructor(reference: string) {
    super(
      PhoneNotFound.kind,
      `The participant of order ${reference} has no phone of that id beside the registered one: GET the list of them.`,
      { reference },
    );
  }
}
