import { setTimeout as sleep } from 'node:timers/promises';

import type { RoutedCall } from '../src/telephony/calls/call-routing.service.js';
import { NumbersBusy } from '../src/virtual-numbers/pools/virtual-numbers.problems.js';
import { Agenda } from './agenda.js';
import { CityClock } from './city-clock.js';
import { Demand, STEP_SECONDS, STEPS_A_DAY } from './demand.js';
import { GroundTruth, type CityOrder, type Ended } from './ground-truth.js';
import { Habits, REPEATED, STEPS_A_MINUTE, type CallEvent, type Event } from './habits.js';
import { inFlight } from './in-flight.js';
import type { City } from './options.js';
import type { Outcome, Sample } from './outcome.js';
import { indexOf, numberOf, People, type NumberIndex, type Person } from './people.js';
import { Random } from './random.js';
import { Services } from './services.js';

const STEPS_A_SAMPLE = 15 * STEPS_A_MINUTE;
/** An order that nobody closes ends by itself, after the pool's default lifetime. */
const LIFETIME_STEPS = STEPS_A_DAY;
/** Orders that an agent carries at the same time, if another agent can be found. */
const ORDERS_IN_A_BAG = 4;
const AGENTS_ASKED = 20;
/** How often a provider asks before it gives up a call. */
const ASKED_AT_MOST = 5;
const FAULTS_TOLD = 10;

export interface Run {
  readonly city: City;
  /** Orders that a number serves at the same time; 1 = exclusive. */
  readonly capacity: number;
  /** Numbers at the start, and how many are added when an order finds none. */
  readonly numbers: { readonly first: number; readonly more: number };
  /** The URL of an empty database, or of a migrated one without orders. */
  readonly databaseUrl: string;
  readonly concurrency: number;
  /** Called at every step with the completed share of the work, and the time in the city. */
  readonly progress: (done: number, time: string) => void;
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
  });
  try {
    await services.addNumbers(run.numbers.first);
    return await new Simulation(run, services, clock).run();
  } finally {
    await services.stop();
  }
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
  readonly newAgents = new Map<CityOrder, Person>();
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

  private readonly counts = { orders: 0, assignments: 0, replacements: 0, repeated: 0, calls: 0, askedAgain: 0 };
  private readonly wrong: Record<Fault, number> = { misroutes: 0, wrongRefusals: 0, wrongReasons: 0, otherFaults: 0 };
  private readonly faults: string[] = [];
  private readonly decisions: Record<string, number> = {};
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
      progress(Math.min(0.97, this.counts.orders / ordersToCome), time);
    }
    for (const [what, count] of Object.entries(await this.services.leftBehind())) {
      if (count > 0) this.fault('otherFaults', `${count} ${what} left behind when all was over`);
    }
    const { counts, wrong, faults, decisions, peaks, samples } = this;
    return {
      agents: city.agents,
      customers: city.customers,
      capacity,
      ...counts,
      decisions,
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
        events.push({ kind: 'place', order: this.newOrder(this.people.whoOrders(this.random), null) });
      }
    }
    events.push(...this.agenda.take(step));
    if (events.length > 0) {
      this.clock.push(step);
      const changes = this.timePasses(events);
      await this.services.due.endWhatIsDue();
      await this.changeAndCall(changes, events);
    }
    const { peaks, truth } = this;
    peaks.deltaMost = Math.max(peaks.deltaMost, truth.delta);
    peaks.peakHeld = Math.max(peaks.peakHeld, truth.holding);
    if (step <= this.lastStepOfDays && step % STEPS_A_SAMPLE === 0) await this.sample();
  }

  private newOrder(customer: Person, agentWanted: Person | null): CityOrder {
    this.counts.orders += 1;
    return {
      reference: `city-${this.counts.orders}`,
      customer,
      agent: null,
      agentWanted,
      placedAt: this.step,
      dials: { customer: null, agent: null },
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
    const tasks = [...changes.tasks];
    for (const event of calls) {
      const dialled = this.dial(event);
      if (changes.touched.has(dialled.caller)) uncertain!.push(event);
      else {
        certain!.push(event);
        tasks.push(this.call(dialled));
      }
    }
    await inFlight(concurrency, this.shuffled(tasks));
    await this.seeNumbers(changes.newAgents);
    for (const [order, because] of changes.closed) this.close(order, because === 'completed' ? this.graceSteps : 0);
    // A person who was just replaced is no longer an agent, so who dials what is determined again.
    await inFlight(
      concurrency,
      uncertain!.map((event) => this.call(this.dial(event))),
    );
  }

  /** Sends the request for a change to the services. */
  private change(event: Event, changes: Changes): void {
    if (event.kind === 'place') return this.place(event.order, changes);
    if (event.kind !== 'put-agent-on' && event.kind !== 'replace-agent' && event.kind !== 'close') return;
    const { order } = event;
    if (changes.newAgents.has(order) || changes.closed.has(order)) return this.agenda.add(this.step + 1, event);
    if (order.state === 'closed') return;
    changes.touched.add(order.customer);
    if (order.agent !== null) changes.touched.add(order.agent);
    const { orders, agents } = this.services;
    if (event.kind === 'close') {
      changes.closed.set(order, event.because);
      changes.tasks.push(() => patiently(() => orders.close(order.reference, event.because)));
      return;
    }
    const agent = (order.agent === null ? order.agentWanted : null) ?? this.someAgent(order);
    changes.newAgents.set(order, agent);
    changes.touched.add(agent);
    this.ordersInBag[agent]! += 1;
    if (order.agent !== null) this.ordersInBag[order.agent]! -= 1;
    changes.tasks.push(() => patiently(() => agents.assignAgent(order.reference, this.people.phone(agent))));
  }

  private place(order: CityOrder, changes: Changes): void {
    const { reference, customer } = order;
    changes.tasks.push(async () => {
      await this.services.orders.place({ reference, pool: 'city', customerPhone: this.people.phone(customer) });
    });
    this.agenda.add(...this.habits.ofPlaced(order, this.step));
  }

  private someAgent(order: CityOrder): Person {
    for (let asked = 1; ; asked += 1) {
      const agent = this.people.agent(this.random.below(this.plan.city.agents));
      if (agent === order.customer || agent === order.agent) continue;
      if (this.ordersInBag[agent]! < ORDERS_IN_A_BAG || asked > AGENTS_ASKED) return agent;
    }
  }

  /** Lets people see the numbers of their orders. Orders without numbers get them as soon as the pool has more. */
  private async seeNumbers(newAgents: ReadonlyMap<CityOrder, Person>): Promise<void> {
    const references = [...newAgents.keys()].map(({ reference }) => reference);
    const shown = await this.services.numbersShown(references);
    const waited = references.filter((reference) => !shown.has(reference));
    if (waited.length > 0) await this.services.finishAwaiting(this.plan.numbers.more);
    const shownLate = await this.services.numbersShown(waited);
    for (const [order, agent] of newAgents) {
      const atOnce = shown.get(order.reference);
      const dials = atOnce ?? shownLate.get(order.reference);
      if (!dials) throw new Error(`${order.reference} has an agent and no numbers`);
      this.counts.assignments += 1;
      const isFirst = order.agent === null;
      if (!isFirst) this.counts.replacements += 1;
      if (!isFirst && atOnce) {
        const { ended, unsound } = this.truth.replaced(order, agent, dials, this.step);
        this.rest([ended], this.step);
        unsound.forEach((what) => this.fault('otherFaults', what));
        continue;
      }
      if (!isFirst) this.rest(this.truth.interrupted(order, this.step), this.step);
      this.truth.assigned(order, agent, dials).forEach((what) => this.fault('otherFaults', what));
      if (isFirst) this.live(order);
    }
  }

  private live(order: CityOrder): void {
    const { events, again } = this.habits.ofActive(order, order.placedAt, this.step);
    for (const later of events) this.agenda.add(...later);
    if (again === null || again >= this.lastStepOfDays) return;
    this.counts.repeated += 1;
    this.agenda.add(again, { kind: 'place', order: this.newOrder(order.customer, order.agent) });
  }

  private close(order: CityOrder, graceSteps: number): void {
    if (order.agent !== null) this.ordersInBag[order.agent]! -= 1;
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
    const { on, caller: who, dials } = event;
    const caller = typeof who === 'number' ? who : who.whoeverIs === 'customer' ? on.customer : on.agent!;
    if (dials !== 'shown') {
      const number = 'number' in dials ? dials.number : Math.floor(dials.fraction * this.services.numbers);
      return { event, caller, number };
    }
    const role = typeof who === 'number' || who.whoeverIs === 'customer' ? 'customer' : 'agent';
    return { event, caller, number: on.dials[role]! };
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
      if (event.calledBackAfter === null) return;
      const dials = { number: indexOf(routed.shownNumber) };
      const back: Event = { kind: 'call', caller: should.rings, dials, on: event.on, calledBackAfter: null };
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
