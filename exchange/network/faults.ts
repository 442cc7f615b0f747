/**
 * The APIs that can fail. `calls`: call details and lists; `connect`: requests for calls; `recordings`: audio; `sms`:
 * sending texts.
 */
export const FAULTY_APIS = [
  'search',
  'buy',
  'list',
  'get',
  'configure',
  'release',
  'calls',
  'connect',
  'recordings',
  'sms',
  'any',
] as const;
export type FaultyApi = Exclude<(typeof FAULTY_APIS)[number], 'any'>;

const STATUSES = [400, 401, 402, 404, 409, 422, 429, 500, 502, 503] as const;

export const PROVIDERS = ['exotel', 'twilio'] as const;
export type Provider = (typeof PROVIDERS)[number];

interface Where {
  /** The provider whose APIs fail; default: both. */
  provider?: Provider;
  api: FaultyApi | 'any';
  /** How many more times the fault happens; default: until it is removed. */
  times?: number;
  /** The fault happens to each n-th request only: 7 = one in seven. */
  every?: number;
}
export type Fault = Where &
  (
    | { kind: 'slow'; ms: number }
    /** With `quotes`, the error text repeats what was sent, including participants' phones. */
    | { kind: 'status'; status: (typeof STATUSES)[number]; retryAfterSeconds: number; quotes?: boolean }
    /** Does nothing, and answers 200 with the first value that was sent, which is not JSON. */
    | { kind: 'garbled' }
    /** Does the work, is silent for `ms`, and closes the connection. */
    | { kind: 'hang-after-doing'; ms: number }
    /** Closes the connection before anything was done. */
    | { kind: 'cut' }
    /** Answers that there is nothing: no numbers for sale, or an incomplete list; for `get`, no such number. */
    | { kind: 'empty' }
    /**
     * Another account has bought the number, which is gone. With Twilio's `code` of another reason, it is still for
     * sale.
     */
    | { kind: 'refuse'; code?: number }
    | { kind: 'rate-limit'; perMinute: number }
  );

export const FAULT_KINDS = [
  'slow',
  'status',
  'garbled',
  'hang-after-doing',
  'cut',
  'empty',
  'refuse',
  'rate-limit',
] as const;

/** The faults of one request: how long it takes, and then what happens. */
export interface Misfortune {
  slowMs: number;
  fault: Fault | null;
}

/** Simulated faults of the providers. */
export class Faults {
  private faults: Fault[] = [];
  private askedAt = new Map<Fault, number[]>();
  private met = new Map<Fault, number>();

  set(faults: Fault[]): void {
    this.faults = faults.map((fault) => ({ ...fault }));
    this.askedAt = new Map();
    this.met = new Map();
  }

  all(): Fault[] {
    return this.faults;
  }

  /** Counts a request to a provider's `api`. All delays add up; of the other faults the first that applies happens. */
  meet(provider: Provider, api: FaultyApi): Misfortune {
    let slowMs = 0;
    let met: Fault | null = null;
    for (const fault of [...this.faults]) {
      if (fault.api !== api && fault.api !== 'any') continue;
      if (fault.provider !== undefined && fault.provider !== provider) continue;
      if (!this.isItsTurn(fault)) continue;
      if (fault.kind === 'slow') slowMs += fault.ms;
      else if (met !== null || (fault.kind === 'rate-limit' && this.underTheLimit(fault, fault.perMinute))) continue;
      else met = fault;
      this.countDown(fault);
    }
    return { slowMs, fault: met };
  }

  private isItsTurn(fault: Fault): boolean {
    const met = (this.met.get(fault) ?? 0) + 1;
    this.met.set(fault, met);
    return fault.every === undefined || met % fault.every === 0;
  }

  private countDown(fault: Fault): void {
    if (fault.times === undefined) return;
    fault.times -= 1;
    if (fault.times <= 0) this.faults = this.faults.filter((kept) => kept !== fault);
  }

  private underTheLimit(fault: Fault, perMinute: number): boolean {
    const now = Date.now();
    const lastMinute = (this.askedAt.get(fault) ?? []).filter((at) => at > now - 60_000);
    const under = lastMinute.length < perMinute;
    if (under) lastMinute.push(now);
    this.askedAt.set(fault, lastMinute);
    return under;
  }
}

export { STATUSES as FAULT_STATUSES };
