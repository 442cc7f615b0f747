/** The city at an instant. */
export interface Sample {
  /** Since the first midnight. */
  readonly hour: number;
  /** Orders with numbers that nobody has closed. */
  readonly live: number;
  /** Those, and those in grace. */
  readonly held: number;
  /** Open, in grace or in quarantine: the rows of `assignments`. */
  readonly pairs: number;
  /** Numbers that the pool has, every one of which somebody needed. */
  readonly numbers: number;
  /** Numbers that hold an order. */
  readonly numbersHeld: number;
  /** The most pairs one person holds. */
  readonly delta: number;
  /** The same, over the run so far. */
  readonly deltaMost: number;
}

/** What a run did, and what went wrong. */
export interface Outcome {
  readonly agents: number;
  readonly customers: number;
  readonly capacity: number;
  readonly orders: number;
  readonly assignments: number;
  readonly replacements: number;
  readonly repeated: number;
  readonly calls: number;
  readonly decisions: Readonly<Record<string, number>>;
  /** Rang somebody else than the one with whom the caller shared an order by that number. */
  readonly misroutes: number;
  /** Refused somebody who should have been connected. */
  readonly wrongRefusals: number;
  /** Rightly refused, in the wrong words. */
  readonly wrongReasons: number;
  /** Pairs lent twice, numbers changed under way, tables that are not as the city's book, phones left behind. */
  readonly otherFaults: number;
  /** The first faults, by order and call. */
  readonly faults: readonly string[];
  /** Calls that had to ask a second time, as we did not decide in time. */
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
