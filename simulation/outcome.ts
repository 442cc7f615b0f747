import type { Side } from './kinds.js';

/** The state of the city at an instant. */
export interface Sample {
  /** Hours since the first midnight. */
  readonly hour: number;
  /** Links of open orders with numbers. */
  readonly live: number;
  /** Links of open orders with numbers, and of orders in grace. */
  readonly held: number;
  /** Rows of `assignments`: open, in grace or in quarantine. */
  readonly pairs: number;
  /** Numbers of the pool. Each was added because an order needed it. */
  readonly numbers: number;
  /** Numbers that serve a link. */
  readonly numbersHeld: number;
  /** The largest number of links of one person. */
  readonly delta: number;
  /** The largest value of the run so far. */
  readonly deltaMost: number;
}

/** What a run did, and which faults it found. */
export interface Outcome {
  readonly agents: number;
  readonly customers: number;
  readonly capacity: number;
  readonly orders: number;
  /** Those with three people. */
  readonly parcels: number;
  readonly assignments: number;
  readonly replacements: number;
  readonly repeated: number;
  readonly calls: number;
  readonly decisions: Readonly<Record<string, number>>;
  /** Calls that reached the right person, by who dialled whom. */
  readonly connected: Readonly<Partial<Record<Side, number>>>;
  /** Calls that rang anybody other than the person to whom the caller is linked on that number. */
  readonly misroutes: number;
  /** Calls that were refused although they should have connected. */
  readonly wrongRefusals: number;
  /** Calls that were refused rightly, but for the wrong reason. */
  readonly wrongReasons: number;
  /**
   * Other faults: pairs assigned twice, numbers changed during an order, tables that differ from the expected state,
   * phones not deleted.
   */
  readonly otherFaults: number;
  /** The first faults, with order and call. */
  readonly faults: readonly string[];
  /** Calls for which the provider had to ask again, because the decision took too long. */
  readonly askedAgain: number;
  readonly peakHeld: number;
  readonly peakNumbersHeld: number;
  readonly numbersUsed: number;
  readonly deltaMost: number;
  readonly wallSeconds: number;
  readonly samples: readonly Sample[];
}

export type Faults = Pick<Outcome, 'misroutes' | 'wrongRefusals' | 'wrongReasons' | 'otherFaults'>;

export function isSound({ misroutes, wrongRefusals, wrongReasons, otherFaults }: Faults): boolean {
  return misroutes + wrongRefusals + wrongReasons + otherFaults === 0;
}
