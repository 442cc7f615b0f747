import { MINUTES_A_DAY, type TownOrder, type Weeks } from './weeks-demand.js';

/** A number of the simulated pool. Times are in minutes since the first midnight. */
export interface PoolNumber {
  readonly name: string;
  readonly orderedAt: number;
  readonly comesAt: number;
  /** Whether it takes orders: it has arrived, and is not being given back. */
  open: boolean;
  lastTaken: number;
  held: boolean;
}

/** An order with its numbers. */
export interface Served {
  readonly order: TownOrder;
  readonly since: number;
  readonly until: number;
  readonly customerDials: PoolNumber;
  readonly agentDials: PoolNumber;
}

/** The result of a run. */
export interface WeeksOutcome {
  readonly name: string;
  /** Minutes in which an order had to wait for a number. */
  readonly dryMinutes: number;
  readonly waited: number;
  readonly most: number;
  /** The average number of rented numbers. */
  readonly mean: number;
  readonly numberDays: number;
  readonly bought: number;
  readonly givenBack: number;
  /** By hour: numbers rented and numbers held. */
  readonly samples: readonly { readonly hour: number; readonly rented: number; readonly held: number }[];
}

/**
 * An exclusive pool, minute by minute. An order takes two free numbers without a quarantine for its people, and returns
 * them at the end of its grace. The rule is the service's (longest idle first); the selection is in memory.
 */
export class SimulatedPool {
  readonly numbers = new Set<PoolNumber>();
  /** By dialler: numbers in use or in quarantine, and until when. */
  private readonly pairs = new Map<string, Map<PoolNumber, number>>();
  private readonly endings = new Map<number, Served[]>();
  private readonly arriving = new Map<number, PoolNumber[]>();
  private waiting: TownOrder[] = [];
  private free: PoolNumber[] = [];
  private drawn = 0;
  private held = 0;
  private rentedMinutes = 0;
  private dryMinutes = 0;
  private waited = 0;
  private most = 0;
  private bought = 0;
  private givenBack = 0;
  private readonly samples: { hour: number; rented: number; held: number }[] = [];
  /** Orders served since the list was last taken. */
  served: Served[] = [];

  constructor(private readonly weeks: Weeks) {}

  get assignable(): number {
    return this.free.length;
  }

  get coming(): number {
    return [...this.numbers].filter(({ comesAt }) => comesAt > this.minute).length;
  }

  get waits(): number {
    return this.waiting.length;
  }

  private minute = -Infinity;

  /** Adds numbers that exist from the start. */
  stock(count: number, at: number): PoolNumber[] {
    return this.add(count, at, at, true);
  }

  /** Orders numbers, which arrive after the lead time. */
  buy(count: number): PoolNumber[] {
    this.bought += count;
    return this.add(count, this.minute, this.minute + this.weeks.leadHours * 60, false);
  }

  /** Sets whether a number takes orders. */
  setOpen(number: PoolNumber, open: boolean): void {
    if (number.open === open) return;
    number.open = open;
    if (open && !number.held) this.free.push(number);
    if (!open) this.free = this.free.filter((one) => one !== number);
  }

  giveBack(number: PoolNumber): void {
    if (number.held) throw new Error(`${number.name} serves an order and was given back.`);
    this.setOpen(number, false);
    this.numbers.delete(number);
    this.givenBack += 1;
  }

  /** Advances by one minute, in which these orders arrive. */
  pass(minute: number, orders: readonly TownOrder[]): void {
    this.minute = minute;
    for (const number of this.arriving.get(minute) ?? []) this.setOpen(number, true);
    this.arriving.delete(minute);
    for (const { customerDials, agentDials } of this.endings.get(minute) ?? []) {
      for (const number of [customerDials, agentDials]) {
        number.held = false;
        this.held -= 1;
        if (number.open) this.free.push(number);
      }
    }
    this.endings.delete(minute);
    const all = [...this.waiting, ...orders];
    this.waiting = all.filter((order) => !this.serve(order));
    this.waited += orders.filter((order) => this.waiting.includes(order)).length;
    if (this.waiting.length > 0) this.dryMinutes += 1;
    this.rentedMinutes += this.numbers.size;
    this.most = Math.max(this.most, this.numbers.size);
    if (minute % 60 === 0) this.samples.push({ hour: minute / 60, rented: this.numbers.size, held: this.held });
  }

  outcome(name: string): WeeksOutcome {
    const { dryMinutes, waited, most, bought, givenBack, samples } = this;
    const numberDays = this.rentedMinutes / MINUTES_A_DAY;
    return {
      name,
      dryMinutes,
      waited,
      most,
      bought,
      givenBack,
      samples,
      numberDays,
      mean: numberDays / this.weeks.days,
    };
  }

  private add(count: number, orderedAt: number, comesAt: number, open: boolean): PoolNumber[] {
    const added = Array.from({ length: count }, () => {
      const name = `+9180${String((this.drawn += 1)).padStart(8, '0')}`;
      return { name, orderedAt, comesAt, open: false, lastTaken: -Infinity, held: false };
    });
    for (const number of added) this.numbers.add(number);
    if (open) for (const number of added) this.setOpen(number, true);
    else this.arriving.set(comesAt, [...(this.arriving.get(comesAt) ?? []), ...added]);
    return added;
  }

  private serve(order: TownOrder): boolean {
    const [customer, agent] = [`c${order.customer}`, `a${order.agent}`];
    const customerDials = this.fitting(customer, null);
    const agentDials = customerDials && this.fitting(agent, customerDials);
    if (!customerDials || !agentDials) return false;
    const until = this.minute + order.holds;
    const served: Served = { order, since: this.minute, until, customerDials, agentDials };
    for (const [dialler, number] of [
      [customer, customerDials],
      [agent, agentDials],
    ] as const) {
      number.held = true;
      number.lastTaken = this.minute;
      this.held += 1;
      const pairs = this.pairs.get(dialler) ?? new Map<PoolNumber, number>();
      this.pairs.set(dialler, pairs.set(number, until + this.weeks.quarantineHours * 60));
    }
    this.free = this.free.filter((number) => number !== customerDials && number !== agentDials);
    this.endings.set(until, [...(this.endings.get(until) ?? []), served]);
    this.served.push(served);
    return true;
  }

  private fitting(dialler: string, besides: PoolNumber | null): PoolNumber | null {
    const pairs = this.pairs.get(dialler);
    if (pairs) for (const [number, until] of pairs) if (until <= this.minute) pairs.delete(number);
    // Numbers return in the order in which they become free, so the first one has been idle longest.
    return this.free.find((number) => number !== besides && !pairs?.has(number)) ?? null;
  }
}
