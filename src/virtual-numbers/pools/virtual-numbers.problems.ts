import { Problem } from '../../platform/http/problem.js';
import type { ProviderName } from '../provider-name.js';

export class PoolNotFound extends Problem {
  static readonly kind = { slug: 'pool-not-found', status: 404, title: 'There is no such pool' };
  /** Quotes nothing: a name that is no pool's may be anything, a phone say. */
  constructor() {
    super(PoolNotFound.kind, 'No pool has this name: GET /v1/pools lists them, POST /v1/pools makes one.');
  }
}

export class PoolNameTaken extends Problem {
  static readonly kind = { slug: 'pool-name-taken', status: 409, title: 'A pool of this name exists' };
  constructor(name: string) {
    super(PoolNameTaken.kind, `Pool ${name} exists: change it with PATCH /v1/pools/${name}, or choose another name.`, {
      pool: name,
    });
  }
}

export class UnsoundPolicy extends Problem {
  static readonly kind = { slug: 'unsound-policy', status: 422, title: "The pool's policy contradicts itself" };
  constructor(why: string) {
    super(UnsoundPolicy.kind, why);
  }
}

export class ProviderNotSetUp extends Problem {
  static readonly kind = { slug: 'provider-not-set-up', status: 422, title: 'There is no account with this provider' };
  constructor(provider: ProviderName) {
    super(
      ProviderNotSetUp.kind,
      `No account of ${provider} is set up: set ${SETTINGS_OF[provider]}, and start again.`,
      {
        provider,
      },
    );
  }
}

/** What an account of each provider needs (.env.example explains them). */
const SETTINGS_OF: Readonly<Record<ProviderName, string>> = {
  exotel:
    'EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_FLOW_URL, EXOTEL_HOOK_SECRET and PUBLIC_BASE_URL',
  twilio: 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL',
};

export class TextsUnavailable extends Problem {
  static readonly kind = { slug: 'texts-unavailable', status: 422, title: "The pool's provider passes no texts on" };
  constructor(provider: string, country: string) {
    super(
      TextsUnavailable.kind,
      `From numbers of ${country}, ${provider} passes no texts on: leave texts off${provider === 'exotel' ? ', or set EXOTEL_TEXTS=on if your account can' : ''}.`,
      { provider, country },
    );
  }
}

export class NumberNotFound extends Problem {
  static readonly kind = { slug: 'number-not-found', status: 404, title: 'This is no number of ours' };
  constructor() {
    super(
      NumberNotFound.kind,
      'The number in the path is none of our virtual numbers: write it in E.164; GET /v1/numbers lists them.',
    );
  }
}

export class NumberInUse extends Problem {
  static readonly kind = { slug: 'number-in-use', status: 409, title: 'Somebody may still dial this number' };
  constructor(ordersHeld: number, quarantinedPairs: number) {
    super(
      NumberInUse.kind,
      `The number serves ${ordersHeld} orders and ${quarantinedPairs} pairs rest on it: drain it, and retire it when both are 0.`,
      { ordersHeld, quarantinedPairs },
    );
  }
}

export class NumberRetired extends Problem {
  static readonly kind = { slug: 'number-retired', status: 409, title: 'This number is out of use' };
  constructor() {
    super(
      NumberRetired.kind,
      'The number was retired: import it again with POST /v1/numbers/import to put it back to use.',
    );
  }
}

export class UnusableVirtualNumbers extends Problem {
  static readonly kind = {
    slug: 'unusable-virtual-numbers',
    status: 422,
    title: 'Some of these cannot be virtual numbers here',
  };
  constructor(errors: readonly string[]) {
    super(UnusableVirtualNumbers.kind, `${errors.join('; ')}. None was imported.`, { errors });
  }
}

export class UnreadableCsv extends Problem {
  static readonly kind = { slug: 'unreadable-csv', status: 400, title: 'The file is no CSV of numbers' };
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
    super(
      NumbersBusy.kind,
      'The pool has fitting numbers, but other assignments held all of them for seconds: try again in a moment.',
    );
  }
}

export class PoolIsDry extends Problem {
  static readonly kind = { slug: 'pool-dry', status: 503, title: 'The pool has no number for this person' };
  constructor() {
    super(
      PoolIsDry.kind,
      'Every number of the pool is held, or rests from this person: more are being bought, try again in a minute.',
    );
  }
}
