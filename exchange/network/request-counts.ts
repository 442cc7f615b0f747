import type { FaultyApi, Provider } from './faults.js';

/** Number of requests to each API of each provider since the start, including failed ones. */
export class RequestCounts {
  private readonly counts: Record<Provider, Partial<Record<FaultyApi, number>>> = { exotel: {}, twilio: {} };

  count(provider: Provider, api: FaultyApi): void {
    this.counts[provider][api] = (this.counts[provider][api] ?? 0) + 1;
  }

  all(): Readonly<Record<Provider, Readonly<Partial<Record<FaultyApi, number>>>>> {
    return this.counts;
  }
}
