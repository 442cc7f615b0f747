/** Milliseconds since the epoch, or between two instants. */
type Ms = number;

export interface Side {
  /** The registered phone, which is the one that rings. */
  phone: string;
  /** Phones that dial the same number and never ring, in the order in which they came. */
  alternates: string[];
  /** The number this side dials; null while it has none. */
  number: string | null;
  /** Who it is, until another phone is registered. */
  who: symbol;
}

export const aSide = (phone: string): Side => ({ phone, alternates: [], number: null, who: Symbol(phone) });
export const phonesOf = ({ phone, alternates }: Side): string[] => [phone, ...alternates];

export interface ModelOrder {
  readonly reference: string;
  readonly customer: Side;
  agent: Side | null;
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
  readonly until: Ms;
  /** Of a phone beside the registered one: whose it was, who may have it back. */
  readonly alternateOf: symbol | null;
}

export interface Policy {
  readonly capacity: number;
  readonly graceSeconds: number;
  readonly cancelGraceSeconds: number;
  readonly quarantineSeconds: number;
  readonly lifetimeSeconds: number;
}

/**
 * What Maskline promises, without how it keeps it: no locks, no keys, no jobs. Which of several fitting numbers is lent is
 * left open; the commands tell the model, which judges whether that one could be lent.
 */
export class ReferenceModel {
  readonly numbers = new Map<string, 'available' | 'draining' | 'retired'>();
  readonly orders: ModelOrder[] = [];
  resting: Resting[] = [];
  capacity: number;

  constructor(
    readonly policy: Policy,
    public now: Ms,
  ) {
    this.capacity = policy.capacity;
  }

  // The rule, and all there is to it.

  /** Who is rung, and by which number, when this phone dials that number: the other side of the order that joins them. */
  reaches(caller: string, dialled: string) {
    const joining = this.sides().filter(({ me }) => me.phone === caller && me.number === dialled);
    if (joining.length > 1) throw new Error('The model itself has two orders behind one number and dialler.');
    const { order, side, other } = joining[0] ?? {};
    if (!order || this.now >= order.connectsUntil) return null;
    return { order, rings: other!.phone, shows: other!.number!, backTo: side!.phone };
  }

  /** Whether this number could be lent to these phones: in use, with room, and no pair of them lent or resting. */
  fits(number: string, phones: readonly string[]): boolean {
    const hasRoom = this.numbers.get(number) === 'available' && this.ordersHeld(number) < this.capacity;
    return hasRoom && !phones.some((phone) => this.isTaken(number, phone));
  }

  isTaken(number: string, phone: string): boolean {
    const lent = this.sides().some(({ me }) => me.number === number && me.phone === phone);
    return lent || this.resting.some((pair) => pair.number === number && pair.phone === phone);
  }

  ordersHeld(number: string): number {
    return this.orders.filter(({ customer, agent }) => [customer.number, agent?.number].includes(number)).length;
  }

  /** The numbers that one side may get: one that fits and is not the other side's; failing that, the other side's. */
  choices(phones: readonly string[], otherSideDials: string | null): string[] {
    const fitting = [...this.numbers.keys()].filter((n) => n !== otherSideDials && this.fits(n, phones));
    if (fitting.length > 0 || otherSideDials === null) return fitting;
    return phones.some((phone) => this.isTaken(otherSideDials, phone)) ? [] : [otherSideDials];
  }

  /** Whether a phone may dial the number that its owner dials: the pair is free, or was the owner's and withdrawn. */
  mayJoin(side: Side, phone: string): boolean {
    return side.number === null || !this.isTaken(side.number, phone) || this.withdrawn(side, phone) !== undefined;
  }

  // What happens to it.

  place(reference: string, phone: string): void {
    const expiresAt = this.now + this.policy.lifetimeSeconds * 1000;
    const connectsUntil = expiresAt + this.policy.graceSeconds * 1000;
    this.orders.push({ reference, customer: aSide(phone), agent: null, expiresAt, connectsUntil, closedAt: null });
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
    if (graceSeconds === 0) this.release(order, this.now);
  }

  reopen(order: ModelOrder): void {
    order.closedAt = null;
    order.expiresAt = this.now + this.policy.lifetimeSeconds * 1000;
    order.connectsUntil = order.expiresAt + this.policy.graceSeconds * 1000;
  }

  endWhatIsDue(): void {
    for (const order of this.orders) {
      if (order.closedAt !== null && order.connectsUntil <= this.now) this.release(order, order.connectsUntil);
    }
    this.resting = this.resting.filter(({ until }) => until > this.now);
  }

  /** Both sides lose their numbers, and the pairs rest. */
  release(order: ModelOrder, from: Ms): void {
    this.rest(order, order.customer, from);
    if (order.agent) this.rest(order, order.agent, from);
  }

  rest(order: ModelOrder, side: Side, from: Ms): void {
    for (const phone of phonesOf(side)) this.restPair(order, side, phone, from);
    side.number = null;
  }

  /** One phone of a side loses its right to dial, and what it was lent rests. */
  restPair({ reference }: ModelOrder, { number, phone: registered, who }: Side, phone: string, from: Ms): void {
    if (number === null) return;
    const until = from + this.policy.quarantineSeconds * 1000;
    this.resting.push({ number, phone, reference, until, alternateOf: phone === registered ? null : who });
  }

  join(side: Side, phone: string): void {
    const again = this.withdrawn(side, phone);
    this.resting = this.resting.filter((pair) => pair !== again);
    side.alternates.push(phone);
  }

  private withdrawn({ number, who }: Side, phone: string): Resting | undefined {
    return this.resting.find((pair) => pair.number === number && pair.phone === phone && pair.alternateOf === who);
  }

  // What it is asked.

  /** Every right to dial that is lent, from the dialler's side: one for each of its phones. */
  sides(): { order: ModelOrder; me: { phone: string; number: string | null }; side: Side; other: Side }[] {
    return this.orders.flatMap((order) => {
      const { customer, agent } = order;
      if (!agent || customer.number === null) return [];
      const both = [
        { side: customer, other: agent },
        { side: agent, other: customer },
      ].filter(({ side }) => side.number !== null);
      return both.flatMap(({ side, other }) =>
        phonesOf(side).map((phone) => ({ order, me: { phone, number: side.number }, side, other })),
      );
    });
  }
}
