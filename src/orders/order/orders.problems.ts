import { Problem } from '../../platform/http/problem.js';

export class OrderNotFound extends Problem {
  static readonly kind = { slug: 'order-not-found', status: 404, title: 'No such order' };
  /** Quotes nothing, because the reference may be anything, for example a phone. */
  constructor() {
    super(OrderNotFound.kind, 'No order has this reference. Place it with POST /v1/orders.');
  }
}

export class ReferenceTaken extends Problem {
  static readonly kind = { slug: 'reference-taken', status: 409, title: 'This reference names another order' };
  constructor(reference: string) {
    super(
      ReferenceTaken.kind,
      `Order ${reference} was placed with other participants, links, pool or lifetime, or was changed since, or ended long ago. Use each reference once.`,
      { reference },
    );
  }
}

export class OrderClosed extends Problem {
  static readonly kind = { slug: 'order-closed', status: 409, title: 'The order is over' };
  constructor(reference: string, endedBecause: string) {
    super(OrderClosed.kind, `Order ${reference} was ${endedBecause} and can no longer be changed. Place a new order.`, {
      reference,
      endedBecause,
    });
  }
}

export class UnusablePhone extends Problem {
  static readonly kind = { slug: 'unusable-phone', status: 422, title: 'This phone cannot be connected' };
  constructor(field: string, why: string) {
    super(UnusablePhone.kind, `${field} ${why}.`, { field });
  }
}

export class SamePhone extends Problem {
  static readonly kind = { slug: 'same-phone', status: 422, title: 'Two participants have the same phone' };
  constructor(reference: string) {
    super(SamePhone.kind, `Another participant of order ${reference} has this phone. Nobody can call themselves.`, {
      reference,
    });
  }
}

export class NotInGrace extends Problem {
  static readonly kind = { slug: 'not-in-grace', status: 409, title: 'The order can no longer be reopened' };
  constructor(reference: string) {
    super(
      NotInGrace.kind,
      `The grace of order ${reference} is over, and its numbers are released. Place a new order.`,
      {
        reference,
      },
    );
  }
}

export class NoAgentYet extends Problem {
  static readonly kind = { slug: 'no-agent-yet', status: 409, title: 'The order has no agent yet' };
  constructor(reference: string) {
    super(NoAgentYet.kind, `Order ${reference} has no agent. Assign one with PUT /v1/orders/${reference}/agent.`, {
      reference,
    });
  }
}

export class OrderWithoutNumbers extends Problem {
  static readonly kind = { slug: 'order-without-numbers', status: 409, title: 'The participants have no numbers now' };
  constructor(reference: string) {
    super(
      OrderWithoutNumbers.kind,
      `No call leads from or to this participant of order ${reference} now. The other participant is not known yet, the order waits for numbers, or it is over.`,
      { reference },
    );
  }
}

export class PhoneTaken extends Problem {
  static readonly kind = { slug: 'phone-taken', status: 409, title: 'Calls from this phone lead to another order' };
  constructor(reference: string) {
    super(
      PhoneTaken.kind,
      `Calls from this phone to the number that the participant of order ${reference} dials lead to another order, or did until recently. Use another phone, or the PIN.`,
      { reference },
    );
  }
}

export class TooManyPhonesTried extends Problem {
  static readonly kind = { slug: 'too-many-phones-tried', status: 429, title: 'Too many phones for one order' };
  constructor(reference: string, retryAfterSeconds: number) {
    super(
      TooManyPhonesTried.kind,
      `Requests sent too many different phones for order ${reference} within an hour. Retry in ${retryAfterSeconds} s.`,
      { reference, retryAfterSeconds },
    );
  }
}

export class TooManyPhones extends Problem {
  static readonly kind = { slug: 'too-many-phones', status: 409, title: 'The participant has too many phones' };
  constructor(reference: string, most: number) {
    super(
      TooManyPhones.kind,
      `The participant of order ${reference} has ${most} alternate phones. Remove one of them first.`,
      { reference },
    );
  }
}

export class PhoneNotFound extends Problem {
  static readonly kind = { slug: 'phone-not-found', status: 404, title: 'The participant has no such phone' };
  constructor(reference: string) {
    super(
      PhoneNotFound.kind,
      `The participant of order ${reference} has no alternate phone with that id. GET the list of phones.`,
      { reference },
    );
  }
}

/** What the participants and links of a request lack. */
export class UnusableParticipants extends Problem {
  static readonly kind = {
    slug: 'unusable-participants',
    status: 422,
    title: 'These participants or links do not fit',
  };
  constructor(field: string, why: string) {
    super(UnusableParticipants.kind, `${field} ${why}.`, { field });
  }
}

export class ParticipantNotFound extends Problem {
  static readonly kind = { slug: 'participant-not-found', status: 404, title: 'The order has no such participant' };
  constructor(reference: string, role: string) {
    super(
      ParticipantNotFound.kind,
      `Order ${reference} has no participant in the role ${role}. Add one with PUT /v1/orders/${reference}/participants/${role}.`,
      { reference, role },
    );
  }
}

export class LinkNotFound extends Problem {
  static readonly kind = { slug: 'link-not-found', status: 404, title: 'These participants are not linked' };
  constructor(reference: string, one: string, other: string) {
    super(
      LinkNotFound.kind,
      `Order ${reference} has no link between ${one} and ${other}. Open one with POST /v1/orders/${reference}/links.`,
      { reference, between: [one, other] },
    );
  }
}

export class SeveralLinks extends Problem {
  static readonly kind = { slug: 'several-links', status: 409, title: 'The participant has several links' };
  constructor(reference: string, role: string, others: readonly string[]) {
    super(
      SeveralLinks.kind,
      `The ${role} of order ${reference} is linked to ${others.join(', ')}. Name one of them as \`to\`.`,
      { reference, role, to: others },
    );
  }
}
