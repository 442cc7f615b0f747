import { STEP_SECONDS } from './demand.js';
import type { CityOrder, Ended, Role } from './ground-truth.js';
import type { NumberIndex, People, Person } from './people.js';
import type { Random } from './random.js';

export const STEPS_A_MINUTE = 60 / STEP_SECONDS;

/** What happens to an order, or with a phone. */
export type Event =
  | { readonly kind: 'place'; readonly order: CityOrder }
  | { readonly kind: 'put-agent-on'; readonly order: CityOrder }
  | { readonly kind: 'replace-agent'; readonly order: CityOrder }
  | { readonly kind: 'close'; readonly order: CityOrder; readonly because: 'completed' | 'cancelled' }
  | { readonly kind: 'expire'; readonly order: CityOrder }
  | { readonly kind: 'grace-over'; readonly order: CityOrder }
  | { readonly kind: 'rested'; readonly ended: Ended }
  | CallEvent;

export interface CallEvent {
  readonly kind: 'call';
  readonly caller: Person | Side;
  /** `shown` = the number that the caller's app shows; a fraction selects one of the pool's numbers. */
  readonly dials: 'shown' | { readonly number: NumberIndex } | { readonly fraction: number };
  readonly on: CityOrder;
  /** The callee calls back the shown number after this many steps; null = never. */
  readonly calledBackAfter: number | null;
}

/** The participant who has this role at the time of the call. */
export interface Side {
  readonly whoeverIs: Role;
}

export type Later = readonly [step: number, event: Event];

/** As shares of all orders. */
export const REPEATED = 0.03;
const CANCELLED_BEFORE_ANY_AGENT = 0.005;
const CANCELLED = 0.045;
const AGENT_REPLACED = 0.03;
const NEVER_CLOSED = 0.0005;

/** In minutes. */
const UNTIL_AN_AGENT = [1, 5] as const;
const UNTIL_DELIVERED = [20, 60] as const;
const UNTIL_ORDERED_AGAIN = [2, 20] as const;
const UNTIL_CALLED_BACK = [0.5, 4] as const;
const AFTER_QUARANTINE = [1, 120] as const;

/**
 * When people on an order call, as shares of all their calls. Some calls in time are returned, which makes up the rest.
 */
const WHILE_OPEN = 0.55;
const CALLED_BACK = 0.4;
const IN_GRACE = 0.1;
const IN_QUARANTINE = 0.08;
const RESTED = 0.05;
/**
 * Additional calls for each order: from people on no order, and from people on orders who dial another number of the
 * pool.
 */
const BY_STRANGERS = 0.03;
const MISDIALLED = 0.03;

export interface Policy {
  readonly graceSteps: number;
  readonly quarantineSteps: number;
  readonly lifetimeSteps: number;
}

/** What people do. Random, and the same for the same seed. */
export class Habits {
  constructor(
    private readonly random: Random,
    private readonly people: People,
    private readonly policy: Policy,
    private readonly callsAnOrder: number,
  ) {}

  /** What follows the placing of an order. */
  ofPlaced(order: CityOrder, step: number): Later {
    const later = step + this.minutes(UNTIL_AN_AGENT);
    return this.random.chance(CANCELLED_BEFORE_ANY_AGENT)
      ? [later, { kind: 'close', order, because: 'cancelled' }]
      : [later, { kind: 'put-agent-on', order }];
  }

  /**
   * What follows when the order has an agent and numbers. @returns also when the customer orders again from the same
   * agent, if they do
   */
  ofActive(order: CityOrder, placedAt: number, step: number): { events: Later[]; again: number | null } {
    const { random } = this;
    const planned = this.minutes(UNTIL_DELIVERED);
    const forgotten = random.chance(NEVER_CLOSED);
    const cancelled = !forgotten && random.chance(CANCELLED);
    const ends = forgotten
      ? placedAt + this.policy.lifetimeSteps
      : step + (cancelled ? 1 + random.below(planned) : planned);
    const ending: Event = forgotten
      ? { kind: 'expire', order }
      : { kind: 'close', order, because: cancelled ? 'cancelled' : 'completed' };
    const events: Later[] = [[ends, ending]];
    if (random.chance(AGENT_REPLACED))
      events.push([step + 1 + random.below(planned), { kind: 'replace-agent', order }]);
    events.push(...this.callsOf(order, step, step + planned, ends, cancelled));
    return { events, again: random.chance(REPEATED) ? step + this.minutes(UNTIL_ORDERED_AGAIN) : null };
  }

  private callsOf(order: CityOrder, from: number, delivered: number, ends: number, cancelled: boolean): Later[] {
    const { graceSteps, quarantineSteps } = this.policy;
    const connectsUntil = ends + (cancelled ? 0 : graceSteps);
    const rested = connectsUntil + quarantineSteps;
    return [
      ...this.calls(WHILE_OPEN, order, from + 1, Math.min(delivered, ends), CALLED_BACK),
      ...this.calls(IN_GRACE, order, ends, connectsUntil, CALLED_BACK),
      ...this.calls(IN_QUARANTINE, order, connectsUntil, rested),
      ...this.calls(RESTED, order, rested + STEPS_A_MINUTE, rested + this.minutes(AFTER_QUARANTINE)),
      ...this.others(BY_STRANGERS, (role) => {
        const dials = order.dials[role];
        return [this.people.stranger(this.random), dials === null ? 'shown' : { number: dials }];
      }).map((event): Later => [this.step(from + 1, ends), { ...event, on: order }]),
      ...this.others(MISDIALLED, (whoeverIs) => [{ whoeverIs }, { fraction: this.random.fraction() }]).map(
        (event): Later => [this.step(from + 1, ends), { ...event, on: order }],
      ),
    ];
  }

  private calls(share: number, on: CityOrder, from: number, to: number, calledBack = 0): Later[] {
    return Array.from({ length: this.random.poisson(share * this.callsAnOrder) }, (): Later => {
      const caller: Side = { whoeverIs: this.role() };
      const calledBackAfter = this.random.chance(calledBack) ? this.minutes(UNTIL_CALLED_BACK) : null;
      return [this.step(from, to), { kind: 'call', caller, dials: 'shown', on, calledBackAfter }];
    });
  }

  private others(
    mean: number,
    draw: (role: Role) => [CallEvent['caller'], CallEvent['dials']],
  ): Omit<CallEvent, 'on'>[] {
    return Array.from({ length: this.random.poisson(mean) }, () => {
      const [caller, dials] = draw(this.role());
      return { kind: 'call', caller, dials, calledBackAfter: null };
    });
  }

  private role(): Role {
    return this.random.chance(0.5) ? 'customer' : 'agent';
  }

  private step(from: number, to: number): number {
    return from + this.random.below(Math.max(1, to - from));
  }

  private minutes([from, to]: readonly [number, number]): number {
    return Math.max(1, Math.round(this.random.between(from, to) * STEPS_A_MINUTE));
  }
}
