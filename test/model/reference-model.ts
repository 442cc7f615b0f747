import { canRunDry } from './running-dry.js';

/** Milliseconds since the epoch, or between two instants. */
type Ms = number;
type Role = string;

export interface Person {
  /** The registered phone, which is the one that rings. */
  phone: string;
  /** Phones that dial the same numbers and never ring, in the order in which they came. */
  alternates: string[];
  /** Who it is, until another phone is registered. */
  who: symbol;
}

/** Two roles that may reach each other. */
export interface ModelLink {
  readonly roles: readonly [Role, Role];
  /** The only one that may call the other; null = both. */
  readonly onlyFrom: Role | null;
}

/** The number that the person of one role dials to reach the person of another, whether or not there is one. */
export interface Dial {
  readonly from: Role;
  readonly to: Role;
  readonly number: string;
}

export interface ModelOrder {
  readonly reference: string;
  readonly people: Map<Role, Person>;
  /** The links that are named; null = they follow from the roles. */
  named: readonly ModelLink[] | null;
  dials: Dial[];
  /** Whether a person gets a number before the other one of a link is known. */
  readonly early: boolean;
  /** When its lifetime is over, should nobody close it. */
  expiresAt: Ms;
  /** Null while it is open. */
  closedAt: Ms | null;
  /** The first instant at which no call connects any more. */
  connectsUntil: Ms;
}

/** A pair that must not be lent again yet. */
interface Resting {
  readonly number: string;
  readonly phone: string;
  readonly reference: string;
  readonly from: Role;
  readonly to: Role;
  readonly until: Ms;
  /** Of a phone beside the registered one: whose it was, who may have it back. */
  readonly alternateOf: symbol | null;
  /** Why a call to the number by the phone is refused. */
  readonly hears: Ended;
}

/** Whether the order has ended for a caller, or only the link, while the caller stays on the order. */
type Ended = 'ORDER_ENDED' | 'LINK_CLOSED';

/** A link that needs numbers: the sides that have none, and what the other side dials if only one has none. */
export interface Need {
  readonly sides: readonly { readonly from: Role; readonly to: Role }[];
  readonly beside: string | null;
}

export interface Policy {
  readonly capacity: number;
  readonly graceSeconds: number;
  readonly cancelGraceSeconds: number;
  readonly quarantineSeconds: number;
  readonly lifetimeSeconds: number;
}

const CARRIERS: readonly Role[] = ['agent', 'courier', 'driver'];

export const isLastCarrier = ({ people }: ModelOrder, role: Role) =>
  CARRIERS.includes(role) && [...people.keys()].filter((one) => CARRIERS.includes(one)).length === 1;

export const aPerson = (phone: string): Person => ({ phone, alternates: [], who: Symbol(phone) });
export const phonesOf = ({ phone, alternates }: Person): string[] => [phone, ...alternates];
export const isBetween = ({ roles }: Pick<ModelLink, 'roles'>, one: Role, other: Role) =>
  roles.includes(one) && roles.includes(other);

/**
 * What Maskline promises, without how it keeps it: no locks, no keys, no jobs. Which of several fitting numbers is lent is
 * left open; the commands tell the model, which judges whether that one could be lent.
 */
export class ReferenceModel {
  readonly numbers = new Map<string, 'available' | 'draining' | 'retired'>();
  readonly orders: ModelOrder[] = [];
  resting: Resting[] = [];
  capacity: number;
  /** For orders placed from now on. */
  early = false;
  poolLinks: readonly ModelLink[] | null = null;

  constructor(
    readonly policy: Policy,
    public now: Ms,
  ) {
    this.capacity = policy.capacity;
  }

  // The rule, and all there is to it.

  /**
   * Who is rung, and by which number, when this phone dials that number: the other person of the link that joins them,
   * if both have a number, and the link is not for the other direction alone.
   */
  reaches(caller: string, dialled: string) {
    const { order, dial } = this.lentTo(caller, dialled) ?? {};
    if (!order || !dial || this.now >= order.connectsUntil || !mayDial(order, dial)) return null;
    const back = wayBack(order, dial);
    if (!back) return null;
    return {
      order,
      rings: order.people.get(dial.to)!.phone,
      shows: back.number,
      backTo: order.people.get(dial.from)!.phone,
      canCallBack: mayDial(order, back),
    };
  }

  /** The right to dial that a phone has with a number. */
  lentTo(phone: string, number: string): { order: ModelOrder; dial: Dial } | null {
    const lent = this.lent().filter((one) => one.phone === phone && one.dial.number === number);
    if (lent.length > 1) throw new Error('The model itself has two links behind one number and dialler.');
    return lent[0] ?? null;
  }

  isTaken(number: string, phone: string): boolean {
    return (
      this.resting.some((pair) => pair.number === number && pair.phone === phone) ||
      this.orders.some(({ dials, people }) =>
        dials.some((dial) => dial.number === number && phonesOf(people.get(dial.from)!).includes(phone)),
      )
    );
  }

  /** Why a phone that may not dial the number any more, or not again yet, is refused; null if it never might. */
  endedFor(number: string, phone: string): Ended | null {
    const rests = this.resting.find((pair) => pair.number === number && pair.phone === phone);
    if (rests) return rests.hears;
    return this.isTaken(number, phone) ? 'ORDER_ENDED' : null;
  }

  /** How many links a number serves. */
  linksHeld(number: string): number {
    let held = 0;
    for (const order of this.orders) {
      for (const dial of order.dials) {
        if (dial.number !== number) continue;
        // A number that both sides of a link dial serves one link.
        if (wayBack(order, dial)?.number !== number || dial.from < dial.to) held += 1;
      }
    }
    return held;
  }

  /** To how many more links a number could be lent. */
  room(number: string): number {
    return this.numbers.get(number) === 'available' ? Math.max(0, this.capacity - this.linksHeld(number)) : 0;
  }

  /** The numbers that one side may get: one that fits and is not the other side's; failing that, the other side's. */
  choices(phones: readonly string[], otherSideDials: string | null): string[] {
    const isFree = (number: string) => !phones.some((phone) => this.isTaken(number, phone));
    const fitting = [...this.numbers.keys()].filter((n) => n !== otherSideDials && this.room(n) > 0 && isFree(n));
    if (fitting.length > 0 || otherSideDials === null) return fitting;
    return isFree(otherSideDials) ? [otherSideDials] : [];
  }

  /** Whether a phone may dial the numbers that its owner dials: each pair is free, or was the owner's and withdrawn. */
  mayJoin(order: ModelOrder, role: Role, phone: string): boolean {
    return dialsOf(order, role).every(
      (dial) => !this.isTaken(dial.number, phone) || this.withdrawn(order, dial, phone) !== undefined,
    );
  }

  /** The links of an order: those it names, or those of its roles; and every other that has a number. */
  linksOf(order: ModelOrder): readonly ModelLink[] {
    const links = [...(order.named ?? linksByRole([...order.people.keys()], order.early))];
    for (const { from, to } of order.dials) {
      if (!links.some((link) => isBetween(link, from, to))) links.push({ roles: [from, to], onlyFrom: null });
    }
    return links;
  }

  /** The links that could have numbers and have not: both people are there, or one, if that is enough. */
  needs(order: ModelOrder, links = this.linksOf(order)): Need[] {
    return links.flatMap(({ roles: [one, other] }) => {
      const sides = [
        { from: one, to: other },
        { from: other, to: one },
      ].filter(({ from }) => order.people.has(from));
      const lacking = sides.filter(({ from, to }) => dialled(order, from, to) === null);
      if (lacking.length === 0 || (sides.length < 2 && !order.early)) return [];
      const [has] = sides.filter((side) => !lacking.includes(side));
      return [{ sides: lacking, beside: has ? dialled(order, has.from, has.to) : null }];
    });
  }

  /** Whether the pool may have too few numbers for these links, depending on which of the fitting ones are taken. */
  canRunDry(order: ModelOrder, needs: readonly Need[]): boolean {
    const numbers = [...this.numbers.keys()];
    const phones = (role: Role) => phonesOf(order.people.get(role)!);
    return canRunDry(needs, new Map(numbers.map((number) => [number, this.room(number)])), (number, role) =>
      phones(role).some((phone) => this.isTaken(number, phone)),
    );
  }

  // What happens to it.

  place(reference: string, people: readonly (readonly [Role, string])[], links: readonly ModelLink[] | null) {
    const expiresAt = this.now + this.policy.lifetimeSeconds * 1000;
    const order: ModelOrder = {
      reference,
      people: new Map(people.map(([role, phone]) => [role, aPerson(phone)])),
      named: links ?? this.poolLinks,
      dials: [],
      early: this.early,
      expiresAt,
      connectsUntil: expiresAt + this.policy.graceSeconds * 1000,
      closedAt: null,
    };
    this.orders.push(order);
    return order;
  }

  /** Time alone closes orders; numbers go back later, when what is due is done. */
  push(ms: Ms): void {
    this.now += ms;
    for (const order of this.orders) {
      if (order.closedAt === null && this.now >= order.expiresAt) order.closedAt = order.expiresAt;
    }
  }

  close(order: ModelOrder, graceSeconds: number): void {
    if (order.closedAt !== null) return;
    order.closedAt = this.now;
    order.connectsUntil = this.now + graceSeconds * 1000;
    if (graceSeconds === 0) this.rest(order, order.dials, this.now);
  }

  reopen(order: ModelOrder): void {
    order.closedAt = null;
    order.expiresAt = this.now + this.policy.lifetimeSeconds * 1000;
    order.connectsUntil = order.expiresAt + this.policy.graceSeconds * 1000;
  }

  endWhatIsDue(): void {
    for (const order of this.orders) {
      if (order.closedAt !== null && order.connectsUntil <= this.now)
        this.rest(order, order.dials, order.connectsUntil);
    }
    this.resting = this.resting.filter(({ until }) => until > this.now);
  }

  /** A person loses their numbers; the others of their links keep theirs, which reach nobody. */
  leave(order: ModelOrder, role: Role): void {
    this.rest(order, dialsOf(order, role), this.now);
  }

  /** The first carrier of an order gets the links that an agent was expected on. */
  takePlace(order: ModelOrder, role: Role): void {
    const isFirst = CARRIERS.includes(role) && ![...order.people.keys()].some((one) => CARRIERS.includes(one));
    if (order.named !== null || !isFirst) return;
    order.dials = order.dials.map((dial) => (dial.to === 'agent' ? { ...dial, to: role } : dial));
  }

  /** The others of a role's links lose their numbers too, unless the order lends them before both people are known. */
  abandon(order: ModelOrder, role: Role): void {
    if (!order.early)
      this.rest(
        order,
        order.dials.filter(({ to }) => to === role),
        this.now,
        'LINK_CLOSED',
      );
  }

  /** Numbers are no longer dialled on these sides of links, and the pairs rest. */
  rest(order: ModelOrder, dials: readonly Dial[], from: Ms, hears: Ended = 'ORDER_ENDED'): void {
    for (const dial of dials) {
      for (const phone of phonesOf(order.people.get(dial.from)!)) this.restPair(order, dial, phone, from, hears);
    }
    order.dials = order.dials.filter((dial) => !dials.includes(dial));
  }

  /** One phone of a person loses its right to dial, and what it was lent rests. */
  restPair(order: ModelOrder, { number, from, to }: Dial, phone: string, at: Ms, hears: Ended = 'ORDER_ENDED'): void {
    const { phone: registered, who } = order.people.get(from)!;
    const until = at + this.policy.quarantineSeconds * 1000;
    const alternateOf = phone === registered ? null : who;
    this.resting.push({ number, phone, reference: order.reference, from, to, until, alternateOf, hears });
  }

  join(order: ModelOrder, role: Role, phone: string): void {
    const again = dialsOf(order, role).map((dial) => this.withdrawn(order, dial, phone));
    this.resting = this.resting.filter((pair) => !again.includes(pair));
    order.people.get(role)!.alternates.push(phone);
  }

  private withdrawn(order: ModelOrder, { number, from, to }: Dial, phone: string): Resting | undefined {
    const { who } = order.people.get(from)!;
    return this.resting.find(
      (pair) => pair.number === number && pair.phone === phone && pair.alternateOf === who && pair.to === to,
    );
  }

  // What it is asked.

  /** Every right to dial that is lent: one for each phone of each side that has a number. */
  lent(): { order: ModelOrder; dial: Dial; phone: string }[] {
    return this.orders.flatMap((order) =>
      order.dials.flatMap((dial) =>
        phonesOf(order.people.get(dial.from)!).map((phone) => ({
          order,
          dial,
          phone,
        })),
      ),
    );
  }
}

/** Each carrier with everybody else; without one, all with all. Where a carrier is expected, they count as there. */
function linksByRole(present: readonly Role[], early: boolean): ModelLink[] {
  const hasCarrier = present.some((role) => CARRIERS.includes(role));
  const roles = early && !hasCarrier ? [...present, 'agent'] : present;
  const pairs = roles.flatMap((one, at) => roles.slice(at + 1).map((other) => [one, other] as const));
  const isWanted = (pair: readonly Role[]) => pair.some((role) => CARRIERS.includes(role));
  return (hasCarrier || early ? pairs.filter(isWanted) : pairs).map((roles) => ({ roles, onlyFrom: null }));
}

export function dialsOf(order: ModelOrder, role: Role): Dial[] {
  return order.dials.filter(({ from }) => from === role);
}

export function dialled({ dials }: ModelOrder, from: Role, to: Role): string | null {
  return dials.find((dial) => dial.from === from && dial.to === to)?.number ?? null;
}

export function wayBack({ dials }: ModelOrder, { from, to }: Dial): Dial | null {
  return dials.find((dial) => dial.from === to && dial.to === from) ?? null;
}

export function mayDial({ named }: ModelOrder, { from, to }: Dial): boolean {
  const onlyFrom = named?.find((link) => isBetween(link, from, to))?.onlyFrom ?? null;
  return onlyFrom === null || onlyFrom === from;
}
