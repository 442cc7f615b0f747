import { Problem } from '../../platform/http/problem.js';
import type { ProviderName } from '../provider-name.js';

export class PoolNotFound extends Problem {
  static readonly kind = { slug: 'pool-not-found', status: 404, title: 'There is no such pool' };
  /** Quotes nothing, because the name may be anything, for example a phone. */
  constructor() {
    super(PoolNotFound.kind, 'No pool has this name. GET /v1/pools lists the pools; POST /v1/pools opens one.');
  }
}

export class PoolNameTaken extends Problem {
  static readonly kind = { slug: 'pool-name-taken', status: 409, title: 'A pool of this name exists' };
  constructor(name: string) {
    super(PoolNameTaken.kind, `Pool ${name} exists. Change it with PATCH /v1/pools/${name}, or choose another name.`, {
      pool: name,
    });
  }
}

export class UnsoundPolicy extends Problem {
  static readonly kind = { slug: 'unsound-policy', status: 422, title: "The pool's policy contradicts itself" };
  /** @param fields that contradict each other, or another one that cannot be changed */
  constructor(fields: readonly [string, ...string[]], why: string) {
    super(UnsoundPolicy.kind, why, { field: fields[0], fields });
  }
}

export class ProviderNotSetUp extends Problem {
  static readonly kind = { slug: 'provider-not-set-up', status: 422, title: 'There is no account with this provider' };
  /** @param settings that an account needs; empty if this version knows no such provider */
  constructor(provider: ProviderName, settings: readonly string[]) {
    const todo = settings.length > 0 ? `Set ${and(settings)}, and restart` : 'This version knows no such provider';
    super(ProviderNotSetUp.kind, `No account of ${provider} is set up. ${todo}.`, { provider });
  }
}

function and(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}

export class TextsUnavailable extends Problem {
  static readonly kind = { slug: 'texts-unavailable', status: 422, title: "The pool's provider forwards no texts" };
  /** @param need what else helps, as follows on "or"; null = nothing */
  constructor(provider: string, country: string, need: string | null) {
    super(
      TextsUnavailable.kind,
      `${provider} forwards no texts from numbers of ${country}. Leave texts off${need === null ? '' : `, or ${need}`}.`,
      { provider, country },
    );
  }
}

export class NumberNotFound extends Problem {
  static readonly kind = {
    slug: 'number-not-found',
    status: 404,
    title: 'This is not a virtual number of this installation',
  };
  constructor() {
    super(
      NumberNotFound.kind,
      'The number in the path is not one of our virtual numbers. Write it in E.164; GET /v1/numbers lists them.',
    );
  }
}

export class NumberInUse extends Problem {
  static readonly kind = { slug: 'number-in-use', status: 409, title: 'Somebody may still dial this number' };
  constructor(ordersHeld: number, quarantinedPairs: number) {
    super(
      NumberInUse.kind,
      `The number serves ${ordersHeld} orders and has ${quarantinedPairs} assignments in quarantine. Drain it, and retire it when both are 0.`,
      { ordersHeld, quarantinedPairs },
    );
  }
}

export class NumberRetired extends Problem {
  static readonly kind = { slug: 'number-retired', status: 409, title: 'This number is out of use' };
  constructor() {
    super(NumberRetired.kind, 'The number was retired. Import it again with POST /v1/numbers/import.');
  }
}

export class UnusableVirtualNumbers extends Problem {
  static readonly kind = {
    slug: 'unusable-virtual-numbers',
    status: 422,
    title: 'Some of these cannot be virtual numbers of this pool',
  };
  constructor(errors: readonly string[]) {
    super(UnusableVirtualNumbers.kind, `${errors.join('; ')}. None was imported.`, { errors });
  }
}

export class UnreadableCsv extends Problem {
  static readonly kind = { slug: 'unreadable-csv', status: 400, title: 'The file is not a CSV file of numbers' };
  constructor(why: string) {
    super(UnreadableCsv.kind, `${why}. Nothing was imported.`);
  }
}

export class NumbersBusy extends Problem {
  static readonly kind = {
    slug: 'numbers-busy',
    status: 503,
    title: 'Every fitting number is being assigned elsewhere',
  };
  constructor() {
    super(NumbersBusy.kind, 'Other requests held all fitting numbers of the pool for seconds. Try again in a moment.');
  }
}

export class PoolIsDry extends Problem {
  static readonly kind = { slug: 'pool-dry', status: 503, title: 'The pool has no number for this person' };
  constructor() {
    super(
      PoolIsDry.kind,
      'Every number of the pool is in use or in quarantine for this person. Maskline is buying more; try again in a minute.',
    );
  }
}
