import { Gauge, type LabelValues } from 'prom-client';

import { withDeadline } from '../clock/deadline.js';
import type { Metrics } from './metrics.js';

/** A scrape leaves out gauges that cannot be read in this time. Prometheus waits for ten seconds. */
const READ_WITHIN_MS = 2_000;

export interface Sample<Label extends string> {
  readonly labels: LabelValues<Label>;
  readonly value: number;
}

interface Described<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/**
 * A gauge whose values are read at each scrape. If they cannot be read in time, this scrape contains no values of it.
 */
export function gaugeOnScrape<Label extends string>(
  { registry }: Metrics,
  { name, help, labelNames }: Described<Label>,
  read: () => Promise<readonly Sample<Label>[]>,
): void {
  const samplesOrNull = sharedReading(async () => read().catch(() => null));
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      this.reset();
      if (labelNames.length === 0) this.remove(); // it is 0 after the reset, which would be a value
      // Scrapes during a slow reading share it, so that readings do not pile up.
      const samples = await withDeadline(READ_WITHIN_MS, samplesOrNull(), () => null);
      for (const { labels, value } of samples ?? []) this.set(labels, value);
    },
  });
}

/** Lets gauges of one scrape share a reading: calls during a reading get its result. */
export function sharedReading<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let reading: Promise<Result> | null = null;
  return async () =>
    (reading ??= read().finally(() => {
      reading = null;
    }));
}
