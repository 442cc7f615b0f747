/** The providers that the exchange plays, each with the pool of its sample orders. */
export const PROVIDERS = ['twilio', 'exotel'] as const;
export type Provider = (typeof PROVIDERS)[number];

interface Person {
  readonly name: string;
  /** E.164, invented. */
  readonly phone: string;
}

/** A number that a phone shows. */
export interface Contact {
  readonly number: string;
  /** Whom it reaches; null = the owner of the phone does not know. */
  readonly role: string | null;
  /** What another phone keys to call in place of this one; null = the pool asks for none. */
  readonly pin: string | null;
}

/** A person on an order. */
export interface Participant extends Person {
  readonly role: string;
  readonly contacts: readonly Contact[];
}

interface Cast {
  /** The customer of a delivery, or the sender of a parcel. */
  readonly orders: Person;
  /** The agent or the courier. */
  readonly delivers: Person;
  readonly receives: Person;
  readonly stranger: Person;
}

const CASTS: Readonly<Record<Provider, Cast>> = {
  twilio: {
    orders: { name: 'Dana', phone: '+12025550101' },
    delivers: { name: 'Luis', phone: '+12025550102' },
    receives: { name: 'Mona', phone: '+12025550103' },
    stranger: { name: 'Sam', phone: '+12025550199' },
  },
  exotel: {
    orders: { name: 'Asha', phone: '+919000000001' },
    delivers: { name: 'Ravi', phone: '+919000000002' },
    receives: { name: 'Meera', phone: '+919000000003' },
    stranger: { name: 'Kabir', phone: '+919000000099' },
  },
};

/** Times are short, so that everything that happens after an order can be seen. */
const GRACE_SECONDS = 30;
export const QUARANTINE_SECONDS = 30;

const POLICY = {
  capacity: 10,
  graceSeconds: GRACE_SECONDS,
  cancelGraceSeconds: 0,
  quarantineSeconds: QUARANTINE_SECONDS,
  lifetimeSeconds: 2 * 60 * 60,
  lowWater: 4,
  target: 6,
  maxNumbers: 8,
};

/** The pool of Exotel's numbers is in another region than the first pool of an installation, which buys there, too. */
export const POOLS = {
  twilio: { ...POLICY, name: 'playground', country: 'US', provider: 'twilio', texts: 'redacted' },
  exotel: { ...POLICY, name: 'playground-india', country: 'IN', region: 'MH', provider: 'exotel', texts: 'off' },
} as const;

export const KINDS = ['delivery', 'parcel'] as const;
export type Kind = (typeof KINDS)[number];

/** The people of a sample order, by role. */
export function peopleOf(kind: Kind, provider: Provider): ReadonlyMap<string, Person> {
  const { orders, delivers, receives } = CASTS[provider];
  return new Map(
    kind === 'delivery'
      ? [
          ['customer', orders],
          ['agent', delivers],
        ]
      : [
          ['sender', orders],
          ['courier', delivers],
          ['recipient', receives],
        ],
  );
}

export const strangerOf = (provider: Provider): Person => CASTS[provider].stranger;

export function providerOfPool(pool: string): Provider | null {
  return PROVIDERS.find((provider) => POOLS[provider].name === pool) ?? null;
}
