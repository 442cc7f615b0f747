import { randomBytes } from 'node:crypto';

import { HOOK_SECRET, type TestApp } from '../support/app.js';

export interface PlacedCall {
  readonly id: string;
  /** By `performance.now()`. */
  readonly at: number;
  readonly tookMs: number;
  readonly connected: boolean;
}

const EVERY_MS = 25;

/** Honest calls, forty a second, over HTTP, whatever happens to the application. */
export class SteadyCalls {
  readonly placed: PlacedCall[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly app: TestApp,
    private readonly from: string,
    private readonly to: string,
  ) {
    this.timer = setInterval(() => {
      const placing = this.place().finally(() => this.pending.delete(placing));
      this.pending.add(placing);
    }, EVERY_MS);
  }

  /** The calls placed from an instant on that have their answer. */
  since(at: number): PlacedCall[] {
    return this.placed.filter((call) => call.at >= at);
  }

  refused(): number {
    return this.placed.filter(({ connected }) => !connected).length;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
  }

  private async place(): Promise<void> {
    const id = randomBytes(16).toString('hex');
    const at = performance.now();
    const query = new URLSearchParams({
      CallSid: id,
      CallFrom: this.from,
      From: this.from,
      CallTo: this.to,
      To: this.to,
      Direction: 'incoming',
      CallType: 'call-attempt',
    });
    const response = await fetch(`${this.app.url}/hooks/exotel/${HOOK_SECRET}/connect?${query}`);
    const reply = (await response.json()) as { destination: { numbers: string[] } };
    const connected = reply.destination.numbers.length > 0;
    this.placed.push({ id, at, tookMs: performance.now() - at, connected });
  }
}

export function percentile(calls: readonly PlacedCall[], share: number): number {
  const sorted = calls.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
