import type { NumberIndex, Person } from './people.js';

export const ROLES = ['customer', 'agent'] as const;
export type Role = (typeof ROLES)[number];

/** An order as its people know it. Times are steps. */
export interface CityOrder {
  readonly reference: string;
  readonly customer: Person;
  readonly placedAt: number;
  /** Null until an agent is assigned. */
  agent: Person | null;
  /** The number that each participant's app shows. */
  readonly dials: Record<Role, NumberIndex | null>;
  state: 'placed' | 'open' | 'closed';
  /** The agent, if decided in advance. */
  readonly agentWanted: Person | null;
}

/** Who dials a number for an order, until when it connects, and until when its quarantine lasts. */
interface Pair {
  readonly order: CityOrder;
  readonly role: Role;
  readonly person: Person;
  readonly number: NumberIndex;
  connectsUntil: number;
}

/** The expected result of a call. */
export type Expected =
  | { readonly rings: Person; readonly shows: NumberIndex }
  /** The caller once reached somebody on this number, and the quarantine is not over. */
  | 'ended'
  /** No order joins the caller and the number. */
  | 'nothing';

const MOST_NUMBERS = 2 ** 20;

/**
 * The expected state: who shares a live order with whom, on which number. It is kept in memory from what people did and
 * what their apps show, and never reads the database. Decisions are checked against it.
 */
export class GroundTruth {
  /** By person and number. */
  private readonly pairs = new Map<number, Pair>();
  private readonly ofOrder = new Map<CityOrder, Partial<Record<Role, Pair>>>();
  private readonly held: Uint16Array;
  /** How many people hold how many pairs (index = pairs). */
  private readonly peopleHolding: number[] = [];
  private most = 0;
  /** Open orders with numbers, and orders whose numbers are held: open ones and those in grace. */
  open = 0;
  holding = 0;

  constructor(people: number) {
    this.held = new Uint16Array(people);
  }

  /**
   * Δ: the largest number of pairs of one person now, including grace and quarantine. No pool can serve the city with
   * fewer numbers.
   */
  get delta(): number {
    return this.most;
  }

  get pairCount(): number {
    return this.pairs.size;
  }

  /** The agent is assigned, and the order has these numbers from now on. @returns faults, if any */
  assigned(order: CityOrder, agent: Person, dials: Record<Role, NumberIndex>): string[] {
    order.agent = agent;
    order.state = 'open';
    this.open += 1;
    this.holding += 1;
    return ROLES.flatMap((role) => this.lend(order, role, dials[role]));
  }

  /** Another agent takes over. The customer's number stays; the pair of the previous agent goes into quarantine. */
  replaced(
    order: CityOrder,
    agent: Person,
    dials: Record<Role, NumberIndex>,
    step: number,
  ): { ended: Ended; unsound: string[] } {
    const ended = this.end(order, 'agent', step);
    order.agent = agent;
    const moved =
      dials.customer === order.dials.customer ? [] : [`${order.reference}: the customer's number changed under way`];
    return { ended, unsound: [...moved, ...this.lend(order, 'agent', dials.agent)] };
  }

  /**
   * Another agent should have taken over, and no number was free: both pairs go into quarantine, and the order waits.
   */
  interrupted(order: CityOrder, step: number): Ended[] {
    const ended = ROLES.map((role) => this.end(order, role, step));
    order.state = 'placed';
    this.open -= 1;
    this.holding -= 1;
    return ended;
  }

  /** The order is over. If it had numbers, calls connect until `connectsUntil`. */
  closed(order: CityOrder, connectsUntil: number): Ended[] {
    const hadNumbers = order.state === 'open';
    order.state = 'closed';
    if (!hadNumbers) return [];
    this.open -= 1;
    return ROLES.map((role) => this.end(order, role, connectsUntil));
  }

  /** The order's grace is over, and its numbers, if any, are released. */
  graceOver(order: CityOrder): void {
    if (this.ofOrder.delete(order)) this.holding -= 1;
  }

  /** The quarantine of the pair is over. */
  rested({ pair }: Ended): void {
    this.pairs.delete(keyOf(pair.person, pair.number));
    this.count(pair.person, -1);
  }

  expect(caller: Person, number: NumberIndex, step: number): Expected {
    const pair = this.pairs.get(keyOf(caller, number));
    if (!pair) return 'nothing';
    if (step >= pair.connectsUntil) return 'ended';
    const { order, role } = pair;
    return role === 'customer'
      ? { rings: order.agent!, shows: order.dials.agent! }
      : { rings: order.customer, shows: order.dials.customer! };
  }

  private lend(order: CityOrder, role: Role, number: NumberIndex): string[] {
    const person = role === 'customer' ? order.customer : order.agent!;
    const key = keyOf(person, number);
    const before = this.pairs.get(key);
    const pair: Pair = { order, role, person, number, connectsUntil: Infinity };
    order.dials[role] = number;
    this.pairs.set(key, pair);
    this.ofOrder.set(order, { ...this.ofOrder.get(order), [role]: pair });
    this.count(person, 1);
    return before ? [`${order.reference}: its ${role} got the pair of ${before.order.reference}`] : [];
  }

  private end(order: CityOrder, role: Role, connectsUntil: number): Ended {
    const pair = this.ofOrder.get(order)![role]!;
    pair.connectsUntil = connectsUntil;
    return { pair };
  }

  private count(person: Person, change: 1 | -1): void {
    const before = this.held[person]!;
    const now = before + change;
    this.held[person] = now;
    if (before > 0) this.peopleHolding[before]! -= 1;
    if (now > 0) this.peopleHolding[now] = (this.peopleHolding[now] ?? 0) + 1;
    if (now > this.most) this.most = now;
    while (this.most > 0 && !this.peopleHolding[this.most]) this.most -= 1;
  }
}

/** A pair whose end is known. */
export interface Ended {
  readonly pair: Pair;
}

function keyOf(person: Person, number: NumberIndex): number {
  return person * MOST_NUMBERS + number;
}
