import { STEP_SECONDS } from './demand.js';
import type { CityOrder, Ended } from './ground-truth.js';
import type { Side } from './kinds.js';
import type { NumberIndex, People, Person } from './people.js';
import type { Random } from './random.js';

export const STEPS_A_MINUTE = 60 / STEP_SECONDS;

/** What happens to an order, or with a phone. */
export type Event =
  | { readonly kind: 'place'; readonly order: CityOrder }
  | { readonly kind: 'put-carrier-on'; readonly order: CityOrder }
  | { readonly kind: 'replace-carrier'; readonly order: CityOrder }
  | { readonly kind: 'close'; readonly order: CityOrder; readonly because: 'completed' | 'cancelled' }
  | { readonly kind: 'expire'; readonly order: CityOrder }
  | { readonly kind: 'grace-over'; readonly order: CityOrder }
  | { readonly kind: 'rested'; readonly ended: Ended }
  | CallEvent;

export interface CallEvent {
  readonly kind: 'call';
  /** Null = the participant who dials on this side at the time of the call. */
  readonly caller: Person | null;
  readonly side: Side;
  /** `shown` = the number that the app shows on this side; a fraction selects one of the pool's numbers. */
  readonly dials: 'shown' | { readonly number: NumberIndex } | { readonly fraction: number };
  readonly on: CityOrder;
  /** The callee calls back the shown number after this many steps; null = never. */
  readonly calledBackAfter: number | null;
}

export type Later = readonly [step: number, event: Event];

/** As shares of all orders. */
export const REPEATED = 0.03;
const CANCELLED_BEFORE_ANY_CARRIER = 0.005;
const CANCELLED = 0.045;
const CARRIER_REPLACED = 0.03;
const NEVER_CLOSED = 0.0005;

/** In minutes. */
const UNTIL_A_CARRIER = [1, 5] as const;
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
    const later = step + this.minutes(UNTIL_A_CARRIER);
    return this.random.chance(CANCELLED_BEFORE_ANY_CARRIER)
      ? [later, { kind: 'close', order, because: 'cancelled' }]
      : [later, { kind: 'put-carrier-on', order }];
  }

  /**
   * What follows when the order has a carrier and numbers. @returns also when the same people order again with the same
   * carrier, if they do
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
    if (random.chance(CARRIER_REPLACED))
      events.push([step + 1 + random.below(planned), { kind: 'replace-carrier', order }]);
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
      ...this.others(BY_STRANGERS, order, (side) => {
        return [this.people.stranger(this.random), { number: order.dials[side]! }];
      }).map((event): Later => [this.step(from + 1, ends), event]),
      ...this.others(MISDIALLED, order, () => [null, { fraction: this.random.fraction() }]).map((event): Later => [
        this.step(from + 1, ends),
        event,
      ]),
    ];
  }

  private calls(share: number, on: CityOrder, from: number, to: number, calledBack = 0): Later[] {
    return Array.from({ length: this.random.poisson(share * this.callsAnOrder) }, (): Later => {
      const side = this.side(on);
      const calledBackAfter = this.random.chance(calledBack) ? this.minutes(UNTIL_CALLED_BACK) : null;
      return [this.step(from, to), { kind: 'call', caller: null, side, dials: 'shown', on, calledBackAfter }];
    });
  }

  private others(
    mean: number,
    on: CityOrder,
    draw: (side: Side) => [CallEvent['caller'], CallEvent['dials']],
  ): CallEvent[] {
    return Array.from({ length: this.random.poisson(mean) }, () => {
      const side = this.side(on);
      const [caller, dials] = draw(side);
      return { kind: 'call', caller, side, dials, on, calledBackAfter: null };
    });
  }

  private side({ kind: { sides } }: CityOrder): Side {
    return sides[this.random.below(sides.length)]!;
  }

  private step(from: number, to: number): number {
    return from + this.random.below(Math.max(1, to - from));
  }

  private minutes([from, to]: readonly [number, number]): number {
    return Math.max(1, Math.round(this.random.between(from, to) * STEPS_A_MINUTE));
  }
}
