import { setTimeout as sleep } from 'node:timers/promises';

import type { RoutedCall } from '../src/telephony/calls/call-routing.service.js';
import type { Link } from '../src/virtual-numbers/link.js';
import { NumbersBusy } from '../src/virtual-numbers/pools/virtual-numbers.problems.js';
import { Agenda } from './agenda.js';
import { CityClock } from './city-clock.js';
import { Demand, STEP_SECONDS, STEPS_A_DAY } from './demand.js';
import { GroundTruth, type CityOrder, type Ended } from './ground-truth.js';
import { Habits, REPEATED, STEPS_A_MINUTE, type CallEvent, type Event } from './habits.js';
import { inFlight } from './in-flight.js';
import { backOf, diallerOf, MEAL, PARCEL, type Kind, type Side } from './kinds.js';
import type { City } from './options.js';
import type { Outcome, Sample } from './outcome.js';
import { indexOf, numberOf, People, type NumberIndex, type Person } from './people.js';
import { Random } from './random.js';
import { Services } from './services.js';

const STEPS_A_SAMPLE = 15 * STEPS_A_MINUTE;
/** An order that nobody closes ends by itself, after the pool's default lifetime. */
const LIFETIME_STEPS = STEPS_A_DAY;
/** Orders that an agent or courier carries at the same time, if another one can be found. */
const ORDERS_IN_A_BAG = 4;
const AGENTS_ASKED = 20;
/** How often a provider asks before it gives up a call. */
const ASKED_AT_MOST = 5;
const FAULTS_TOLD = 10;
/** Calls in flight for each change in flight. Calls share statements. */
const CALLS_A_CHANGE = 4;
/** The share of the work that is done when the last order is placed. */
const DONE_WITH_ORDERS = 0.85;

export interface Run {
  readonly city: City;
  /** Orders that a number serves at the same time; 1 = exclusive. */
  readonly capacity: number;
  /** Numbers at the start, and how many are added when an order finds none. */
  readonly numbers: { readonly first: number; readonly more: number };
  /** The URL of an empty database, or of a migrated one without orders. */
  readonly databaseUrl: string;
  /** Changes in flight at the same time. */
  readonly concurrency: number;
  /** Called after every step. */
  readonly progress: (progress: Progress) => void;
}

export interface Progress {
  /** The completed share of the work, from 0 to 1. */
  readonly done: number;
  /** In the city. */
  readonly time: string;
  readonly orders: number;
  readonly calls: number;
}

/** Simulates the days of one city. The seed decides what happens and when; the services choose the numbers. */
export async function simulate(run: Run): Promise<Outcome> {
  const clock = new CityClock();
  const { city, capacity } = run;
  const services = await Services.start(run.databaseUrl, clock, {
    name: 'city',
    capacity,
    graceSeconds: city.graceMinutes * 60,
    cancelGraceSeconds: 0,
    quarantineSeconds: city.quarantineHours * 3600,
    lifetimeSeconds: LIFETIME_STEPS * STEP_SECONDS,
    ...(city.parcels > 0 ? { links: linksOf([MEAL, PARCEL]) } : {}),
  });
  try {
    await services.addNumbers(run.numbers.first);
    return await new Simulation(run, services, clock).run();
  } finally {
    await services.stop();
  }
}

/** The pool's policy if its orders have several kinds: a link of an order may name only roles that the order has or the policy names. */
function linksOf(kinds: readonly Kind[]): Link[] {
  return kinds.flatMap(({ links }) => links).map((roles) => ({ roles, onlyFrom: null }));
}

type Fault = 'misroutes' | 'wrongRefusals' | 'wrongReasons' | 'otherFaults';
type Task = () => Promise<void>;

/** A call that is made now. */
interface Dialled {
  readonly event: CallEvent;
  readonly caller: Person;
  readonly number: NumberIndex;
}

/** The changes of one step. An order changes at most once in a step. */
class Changes {
  readonly tasks: Task[] = [];
  /** People whose numbers change, or whose calls reach somebody else. */
  readonly touched = new Set<Person>();
  readonly newCarriers = new Map<CityOrder, Person>();
  readonly closed = new Map<CityOrder, 'completed' | 'cancelled'>();
}

class Simulation {
  private readonly random: Random;
  private readonly demand: Demand;
  private readonly people: People;
  private readonly habits: Habits;
  private readonly truth: GroundTruth;
  private readonly agenda: Agenda<Event>;
  /** Steps that are processed together. */
  private readonly stride: number;
  private readonly ordersInBag: Uint8Array;
  private readonly graceSteps: number;
  private readonly quarantineSteps: number;
  private readonly lastStepOfDays: number;
  private step = 0;

  private readonly counts = {
    orders: 0,
    parcels: 0,
    assignments: 0,
    replacements: 0,
    repeated: 0,
    calls: 0,
    askedAgain: 0,
  };
  private readonly wrong: Record<Fault, number> = { misroutes: 0, wrongRefusals: 0, wrongReasons: 0, otherFaults: 0 };
  private readonly faults: string[] = [];
  private readonly decisions: Record<string, number> = {};
  private readonly connected: Partial<Record<Side, number>> = {};
  private readonly peaks = { peakHeld: 0, peakNumbersHeld: 0, deltaMost: 0 };
  private readonly samples: Sample[] = [];

  constructor(
    private readonly plan: Run,
    private readonly services: Services,
    private readonly clock: CityClock,
  ) {
    const { city } = plan;
    const ordersADay = city.agents * city.ordersPerAgent;
    this.graceSteps = city.graceMinutes * STEPS_A_MINUTE;
    this.quarantineSteps = city.quarantineHours * 60 * STEPS_A_MINUTE;
    this.lastStepOfDays = city.days * STEPS_A_DAY;
    this.stride = city.stepSeconds / STEP_SECONDS;
    this.agenda = new Agenda(this.stride);
    this.random = new Random(city.seed);
    this.demand = new Demand(ordersADay / (1 + REPEATED));
    this.people = new People(city);
    const policy = {
      graceSteps: this.graceSteps,
      quarantineSteps: this.quarantineSteps,
      lifetimeSteps: LIFETIME_STEPS,
    };
    this.habits = new Habits(this.random, this.people, policy, city.calls / (ordersADay * city.days));
    this.truth = new GroundTruth(this.people.count);
    this.ordersInBag = new Uint8Array(this.people.count);
  }

  async run(): Promise<Outcome> {
    const begunAt = performance.now();
    const { city, capacity, progress } = this.plan;
    const ordersToCome = city.agents * city.ordersPerAgent * city.days;
    // Calls continue after the last order, until every quarantine is over.
    for (; this.step <= Math.max(this.agenda.lastStep, this.lastStepOfDays); this.step += this.stride) {
      await this.takeStep();
      const time = `day ${Math.floor(this.step / STEPS_A_DAY) + 1}, ${this.clock.now().toISOString().slice(11, 16)}`;
      const { orders, calls } = this.counts;
      const stepsAfter = this.step - this.lastStepOfDays;
      const done =
        stepsAfter < 0
          ? DONE_WITH_ORDERS * Math.min(1, orders / ordersToCome)
          : DONE_WITH_ORDERS +
            (1 - DONE_WITH_ORDERS) * (stepsAfter / Math.max(1, this.agenda.lastStep - this.lastStepOfDays));
      progress({ done: Math.min(1, done), time, orders, calls });
    }
    await this.services.announcements.announce();
    for (const [what, count] of Object.entries(await this.services.leftBehind())) {
      if (count > 0) this.fault('otherFaults', `${count} ${what} left behind when all was over`);
    }
    const { counts, wrong, faults, decisions, connected, peaks, samples } = this;
    return {
      agents: city.agents,
      customers: city.customers,
      capacity,
      ...counts,
      decisions,
      connected,
      ...wrong,
      faults,
      ...peaks,
      numbersUsed: this.services.numbers,
      wallSeconds: (performance.now() - begunAt) / 1000,
      samples,
    };
  }

  private async takeStep(): Promise<void> {
    const { step } = this;
    const events: Event[] = [];
    for (let since = step; since < Math.min(step + this.stride, this.lastStepOfDays); since += 1) {
      for (let more = this.demand.arrivals(since, this.random); more > 0; more -= 1) {
        events.push({ kind: 'place', order: this.newOrder(...this.whatIsOrdered(), null) });
      }
    }
    events.push(...this.agenda.take(step));
    if (events.length > 0) {
      this.clock.push(step);
      const changes = this.timePasses(events);
      await this.services.due.endWhatIsDue();
      // Announcing changes no decision, so it goes on beside them, as in an installation.
      await Promise.all([this.services.announcements.announce(), this.changeAndCall(changes, events)]);
    }
    const { peaks, truth } = this;
    peaks.deltaMost = Math.max(peaks.deltaMost, truth.delta);
    peaks.peakHeld = Math.max(peaks.peakHeld, truth.holding);
    if (step <= this.lastStepOfDays && step % STEPS_A_SAMPLE === 0) await this.sample();
  }

  private whatIsOrdered(): [Kind, CityOrder['people']] {
    const { city } = this.plan;
    const kind = city.parcels > 0 && this.random.chance(city.parcels) ? PARCEL : MEAL;
    const people: CityOrder['people'] = {};
    for (const role of kind.known) {
      let person: Person;
      do person = this.people.whoOrders(this.random);
      while (isOn(people, person));
      people[role] = person;
    }
    return [kind, people];
  }

  private newOrder(kind: Kind, people: CityOrder['people'], carrierWanted: Person | null): CityOrder {
    this.counts.orders += 1;
    if (kind === PARCEL) this.counts.parcels += 1;
    return {
      reference: `city-${this.counts.orders}`,
      kind,
      people,
      carrierWanted,
      placedAt: null,
      dials: {},
      state: 'placed',
    };
  }

  /**
   * Applies to the expected state what happens only because time passes, as the services do. @returns the other events
   */
  private timePasses(events: readonly Event[]): Event[] {
    return events.filter((event) => {
      if (event.kind === 'rested') this.truth.rested(event.ended);
      else if (event.kind === 'grace-over') this.truth.graceOver(event.order);
      else if (event.kind === 'expire') this.close(event.order, this.graceSteps);
      else return event.kind !== 'call';
      return false;
    });
  }

  /**
   * Makes all changes of this step at the same time, together with the calls of people without changes, whose result is
   * certain. Then, when people have seen their numbers, makes the calls of the others.
   */
  private async changeAndCall(events: readonly Event[], all: readonly Event[]): Promise<void> {
    const { concurrency } = this.plan;
    const changes = new Changes();
    for (const event of events) this.change(event, changes);
    const calls = all.filter((event) => event.kind === 'call');
    const [certain, uncertain]: CallEvent[][] = [[], []];
    const callTasks: Task[] = [];
    for (const event of calls) {
      const dialled = this.dial(event);
      if (changes.touched.has(dialled.caller)) uncertain!.push(event);
      else {
        certain!.push(event);
        callTasks.push(this.call(dialled));
      }
    }
    const tasks = this.shuffled([...changes.tasks, ...callTasks]);
    const isCall = new Set(callTasks);
    await Promise.all([
      inFlight(
        concurrency,
        tasks.filter((task) => !isCall.has(task)),
      ),
      inFlight(
        concurrency * CALLS_A_CHANGE,
        tasks.filter((task) => isCall.has(task)),
      ),
    ]);
    await this.seeNumbers(changes.newCarriers);
    for (const [order, because] of changes.closed) this.close(order, because === 'completed' ? this.graceSteps : 0);
    // A person who was just replaced is no longer on the order, so who dials what is determined again.
    await inFlight(
      concurrency * CALLS_A_CHANGE,
      uncertain!.map((event) => this.call(this.dial(event))),
    );
  }

  /** Sends the request for a change to the services. */
  private change(event: Event, changes: Changes): void {
    if (event.kind === 'place') return this.place(event.order, changes);
    if (event.kind !== 'put-carrier-on' && event.kind !== 'replace-carrier' && event.kind !== 'close') return;
    const { order } = event;
    if (changes.newCarriers.has(order) || changes.closed.has(order)) return this.agenda.add(this.step + 1, event);
    if (order.state === 'closed') return;
    for (const person of Object.values(order.people)) changes.touched.add(person);
    const { orders, participants } = this.services;
    if (event.kind === 'close') {
      changes.closed.set(order, event.because);
      changes.tasks.push(() => patiently(() => orders.close(order.reference, event.because)));
      return;
    }
    const { carrier: role } = order.kind;
    const before = order.people[role];
    const carrier = (before === undefined ? order.carrierWanted : null) ?? this.someCarrier(order);
    changes.newCarriers.set(order, carrier);
    changes.touched.add(carrier);
    this.ordersInBag[carrier]! += 1;
    if (before !== undefined) this.ordersInBag[before]! -= 1;
    changes.tasks.push(() => patiently(() => participants.put(order.reference, role, this.people.phone(carrier))));
  }

  private place(order: CityOrder, changes: Changes): void {
    const { reference, kind, people } = order;
    order.placedAt = this.step;
    const participants = kind.known.map((role) => ({
      role,
      phone: this.people.phone(people[role]!),
      field: `${role}.phone`,
    }));
    changes.tasks.push(async () => {
      await this.services.orders.place({ reference, pool: 'city', participants });
    });
    this.agenda.add(...this.habits.ofPlaced(order, this.step));
  }

  private someCarrier({ people }: CityOrder): Person {
    for (let asked = 1; ; asked += 1) {
      const carrier = this.people.agent(this.random.below(this.plan.city.agents));
      if (isOn(people, carrier)) continue;
      if (this.ordersInBag[carrier]! < ORDERS_IN_A_BAG || asked > AGENTS_ASKED) return carrier;
    }
  }

  /** Lets people see the numbers of their orders. Orders without numbers get them as soon as the pool has more. */
  private async seeNumbers(newCarriers: ReadonlyMap<CityOrder, Person>): Promise<void> {
    const references = [...newCarriers.keys()].map(({ reference }) => reference);
    const shown = await this.services.numbersShown(references);
    const waited = references.filter((reference) => !shown.has(reference));
    if (waited.length > 0) await this.services.finishAwaiting(this.plan.numbers.more);
    const shownLate = await this.services.numbersShown(waited);
    for (const [order, carrier] of newCarriers) {
      const atOnce = shown.get(order.reference);
      const dials = atOnce ?? shownLate.get(order.reference);
      if (!dials) throw new Error(`${order.reference} has a carrier and no numbers`);
      this.counts.assignments += 1;
      const isFirst = order.people[order.kind.carrier] === undefined;
      if (!isFirst) this.counts.replacements += 1;
      if (!isFirst && atOnce) {
        const { ended, unsound } = this.truth.replaced(order, carrier, dials, this.step);
        this.rest(ended, this.step);
        unsound.forEach((what) => this.fault('otherFaults', what));
        continue;
      }
      if (!isFirst) this.rest(this.truth.interrupted(order, this.step), this.step);
      this.truth.assigned(order, carrier, dials).forEach((what) => this.fault('otherFaults', what));
      if (isFirst) this.live(order);
    }
  }

  private live(order: CityOrder): void {
    const { events, again } = this.habits.ofActive(order, order.placedAt!, this.step);
    for (const later of events) this.agenda.add(...later);
    if (again === null || again >= this.lastStepOfDays) return;
    this.counts.repeated += 1;
    const { kind } = order;
    const { [kind.carrier]: carrier = null, ...people } = order.people;
    this.agenda.add(again, { kind: 'place', order: this.newOrder(kind, people, carrier) });
  }

  private close(order: CityOrder, graceSteps: number): void {
    const carrier = order.people[order.kind.carrier];
    if (carrier !== undefined) this.ordersInBag[carrier]! -= 1;
    const connectsUntil = this.step + graceSteps;
    this.rest(this.truth.closed(order, connectsUntil), connectsUntil);
    if (graceSteps > 0) this.agenda.add(connectsUntil, { kind: 'grace-over', order });
    else this.truth.graceOver(order);
  }

  private rest(pairs: readonly Ended[], from: number): void {
    const until = Math.max(from + this.quarantineSteps, this.step + 1);
    for (const ended of pairs) this.agenda.add(until, { kind: 'rested', ended });
  }

  private dial(event: CallEvent): Dialled {
    const { on, side, dials } = event;
    const caller = event.caller ?? on.people[diallerOf(side)]!;
    if (dials === 'shown') return { event, caller, number: on.dials[side]! };
    const number = 'number' in dials ? dials.number : Math.floor(dials.fraction * this.services.numbers);
    return { event, caller, number };
  }

  /** Makes a call, and checks the decision against the expected state. */
  private call({ event, caller, number }: Dialled): Task {
    return async () => {
      this.counts.calls += 1;
      const callId = `call-${this.counts.calls}`;
      const routed = await this.route(callId, caller, number);
      const { reason } = routed;
      this.decisions[reason] = (this.decisions[reason] ?? 0) + 1;
      const expected = this.truth.expect(caller, number, this.step);
      const should = typeof expected === 'string' ? null : expected;
      const tell = (fault: Fault, what: string) => this.fault(fault, `${event.on.reference}, ${callId}: ${what}`);
      if (routed.decision !== 'connect') {
        if (should) return tell('wrongRefusals', `refused as ${reason}`);
        const wording = (expected === 'ended') === (reason === 'ORDER_ENDED');
        return wording ? undefined : tell('wrongReasons', `refused as ${reason} where ${String(expected)} was true`);
      }
      if (!should) return tell('misroutes', `connected where ${String(expected)} was true`);
      if (routed.callee !== this.people.phone(should.rings)) return tell('misroutes', 'rang somebody else');
      if (routed.shownNumber !== numberOf(should.shows)) return tell('misroutes', 'showed another number');
      this.connected[should.side] = (this.connected[should.side] ?? 0) + 1;
      if (event.calledBackAfter === null) return;
      const back: Event = {
        kind: 'call',
        caller: should.rings,
        side: backOf(should.side),
        dials: { number: indexOf(routed.shownNumber) },
        on: event.on,
        calledBackAfter: null,
      };
      this.agenda.add(this.step + event.calledBackAfter, back);
    };
  }

  /** Asks as a provider does: again, if the answer took too long. */
  private async route(callId: string, caller: Person, number: NumberIndex): Promise<RoutedCall> {
    for (let asked = 1; ; asked += 1) {
      const routed = await this.services.calls.route({
        provider: 'exotel',
        providerCallId: callId,
        step: 'connect',
        dialled: [numberOf(number)],
        caller: this.people.phone(caller),
        digits: null,
      });
      if (routed.reason !== 'STALE_STATE' || asked === ASKED_AT_MOST) return routed;
      this.counts.askedAgain += 1;
      await sleep(100);
    }
  }

  private async sample(): Promise<void> {
    const { truth, services, peaks } = this;
    const rows = await services.countRows();
    if (rows.pairs !== truth.pairCount) {
      this.fault('otherFaults', `step ${this.step}: ${rows.pairs} rows in assignments, ${truth.pairCount} pairs held`);
    }
    peaks.peakNumbersHeld = Math.max(peaks.peakNumbersHeld, rows.numbersHeld);
    this.samples.push({
      hour: this.step / (60 * STEPS_A_MINUTE),
      live: truth.open,
      held: truth.holding,
      pairs: rows.pairs,
      numbers: services.numbers,
      numbersHeld: rows.numbersHeld,
      delta: truth.delta,
      deltaMost: peaks.deltaMost,
    });
  }

  private fault(kind: Fault, what: string): void {
    this.wrong[kind] += 1;
    if (this.faults.length < FAULTS_TOLD) this.faults.push(what);
  }

  private shuffled<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.random.below(last + 1);
      [items[last], items[other]] = [items[other]!, items[last]!];
    }
    return items;
  }
}

function isOn(people: CityOrder['people'], person: Person): boolean {
  return Object.values(people).includes(person);
}

/** Repeats a request that may find all fitting numbers busy, as an order system does after a 503. */
async function patiently(request: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await request();
    } catch (failure) {
      if (!(failure instanceof NumbersBusy)) throw failure;
    }
  }
}
