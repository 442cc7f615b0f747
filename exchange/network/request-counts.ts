import type { FaultyApi, Provider } from './faults.js';

/** How often each API of each provider was asked since the start, failed requests included. */
export class RequestCounts {
  private readonly counts: Record<Provider, Partial<Record<FaultyApi, number>>> = { exotel: {}, twilio: {} };

  count(provider: Provider, api: FaultyApi): void {
    this.counts[provider][api] = (this.counts[provider][api] ?? 0) + 1;
  }

  all(): Readonly<Record<Provider, Readonly<Partial<Record<FaultyApi, number>>>>> {
    return this.counts;
  }
}
