import { backOf, calleeOf, diallerOf, type Kind, type Role, type Side } from './kinds.js';
import type { NumberIndex, Person } from './people.js';

/** An order as its people know it. Times are steps. */
export interface CityOrder {
  readonly reference: string;
  readonly kind: Kind;
  /** Who is on the order; without the carrier until one is assigned. */
  readonly people: Partial<Record<Role, Person>>;
  /** Null before it is placed: its people may have decided to order it later. */
  placedAt: number | null;
  /** The number that a participant's app shows for the other one of a link. */
  readonly dials: Partial<Record<Side, NumberIndex>>;
  state: 'placed' | 'open' | 'closed';
  /** The carrier, if decided in advance. */
  readonly carrierWanted: Person | null;
}

/** Numbers for every side of an order's links. */
export type Dials = Readonly<Partial<Record<Side, NumberIndex>>>;

/** Who dials a number for a link of an order, until when it connects, and until when its quarantine lasts. */
interface Pair {
  readonly order: CityOrder;
  readonly side: Side;
  readonly person: Person;
  readonly number: NumberIndex;
  connectsUntil: number;
}

/** The expected result of a call. */
export type Expected =
  | { readonly rings: Person; readonly shows: NumberIndex; readonly side: Side }
  /** The caller once reached somebody on this number, and the quarantine is not over. */
  | 'ended'
  /** No link joins the caller and the number. */
  | 'nothing';

const MOST_NUMBERS = 2 ** 20;

/**
 * The expected state: who reaches whom on which number, link by link. It is kept in memory from what people did and
 * what their apps show, and never reads the database. Decisions are checked against it.
 */
export class GroundTruth {
  /** By person and number. */
  private readonly pairs = new Map<number, Pair>();
  private readonly ofOrder = new Map<CityOrder, Map<Side, Pair>>();
  private readonly held: Uint16Array;
  /** How many people hold how many pairs (index = pairs). */
  private readonly peopleHolding: number[] = [];
  private most = 0;
  /** Links of open orders with numbers, and links whose numbers are held: of open orders and of those in grace. */
  open = 0;
  holding = 0;

  constructor(people: number) {
    this.held = new Uint16Array(people);
  }

  /**
   * Δ: the largest number of links of one person now, including grace and quarantine. The person dials another number on
   * each of them, so no pool can serve the city with fewer numbers.
   */
  get delta(): number {
    return this.most;
  }

  get pairCount(): number {
    return this.pairs.size;
  }

  /** The carrier is assigned, and the order's links have these numbers from now on. @returns faults, if any */
  assigned(order: CityOrder, carrier: Person, dials: Dials): string[] {
    const { kind } = order;
    order.people[kind.carrier] = carrier;
    order.state = 'open';
    this.open += kind.links.length;
    this.holding += kind.links.length;
    return kind.sides.flatMap((side) => this.lend(order, side, dials[side]));
  }

  /** Another carrier takes over. The others' numbers stay; the pairs of the previous carrier go into quarantine. */
  replaced(order: CityOrder, carrier: Person, dials: Dials, step: number): { ended: Ended[]; unsound: string[] } {
    const { kind, reference } = order;
    const isCarriers = (side: Side) => diallerOf(side) === kind.carrier;
    const carriers = kind.sides.filter(isCarriers);
    const ended = carriers.map((side) => this.end(order, side, step));
    order.people[kind.carrier] = carrier;
    const moved = kind.sides
      .filter((side) => !isCarriers(side) && dials[side] !== order.dials[side])
      .map((side) => `${reference}: the ${diallerOf(side)}'s number changed under way`);
    return { ended, unsound: [...moved, ...carriers.flatMap((side) => this.lend(order, side, dials[side]))] };
  }

  /**
   * Another carrier should have taken over, and no number was free: all pairs go into quarantine, and the order waits.
   */
  interrupted(order: CityOrder, step: number): Ended[] {
    const { links, sides } = order.kind;
    const ended = sides.map((side) => this.end(order, side, step));
    order.state = 'placed';
    this.open -= links.length;
    this.holding -= links.length;
    return ended;
  }

  /** The order is over. If it had numbers, calls connect until `connectsUntil`. */
  closed(order: CityOrder, connectsUntil: number): Ended[] {
    const hadNumbers = order.state === 'open';
    order.state = 'closed';
    if (!hadNumbers) return [];
    this.open -= order.kind.links.length;
    return order.kind.sides.map((side) => this.end(order, side, connectsUntil));
  }

  /** The order's grace is over, and its numbers, if any, are released. */
  graceOver(order: CityOrder): void {
    if (this.ofOrder.delete(order)) this.holding -= order.kind.links.length;
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
    const { order, side } = pair;
    return { rings: order.people[calleeOf(side)]!, shows: order.dials[backOf(side)]!, side };
  }

  private lend(order: CityOrder, side: Side, number: NumberIndex | undefined): string[] {
    if (number === undefined) throw new Error(`${order.reference} has numbers, but none for ${side}`);
    const role = diallerOf(side);
    const person = order.people[role]!;
    const key = keyOf(person, number);
    const before = this.pairs.get(key);
    const pair: Pair = { order, side, person, number, connectsUntil: Infinity };
    order.dials[side] = number;
    this.pairs.set(key, pair);
    const ofOrder = this.ofOrder.get(order) ?? new Map<Side, Pair>();
    this.ofOrder.set(order, ofOrder.set(side, pair));
    this.count(person, 1);
    return before ? [`${order.reference}: its ${role} got the pair of ${before.order.reference}`] : [];
  }

  private end(order: CityOrder, side: Side, connectsUntil: number): Ended {
    const pair = this.ofOrder.get(order)!.get(side)!;
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
