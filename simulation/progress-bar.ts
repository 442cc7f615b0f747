import { ProgressLine } from '../bench/progress-line.js';

const CELLS = 24;
const REWRITTEN_EVERY_MS = 200;
/** Rates are those of the last ten seconds, so that a run that becomes slower shows it. */
const RATES_EVERY_MS = 10_000;

/** What was done so far, by its name. */
type Counts = Readonly<Record<string, number>>;

/** Shows the progress, the rates and the remaining time. `clear` ends it. */
export class ProgressBar {
  private readonly line: ProgressLine;
  private begunAt = performance.now();
  private shownAt = 0;
  private done = 0;
  private what = 'starting';
  private counts: Counts = {};
  private counted: { readonly at: number; readonly counts: Counts };
  private rates: Counts = {};

  constructor(out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>) {
    this.counted = { at: this.begunAt, counts: {} };
    this.line = new ProgressLine(out, () => this.text());
  }

  begin(): void {
    this.begunAt = performance.now();
    this.counted = { at: this.begunAt, counts: {} };
    [this.done, this.what, this.counts, this.rates] = [0, 'starting', {}, {}];
  }

  /** @param done from 0 to 1 */
  show(done: number, what: string, counts: Counts = {}): void {
    [this.done, this.what, this.counts] = [done, what, counts];
    const now = performance.now();
    if (now - this.shownAt < REWRITTEN_EVERY_MS) return;
    this.shownAt = now;
    this.line.changed();
  }

  clear(): void {
    this.line.clear();
  }

  private text(): string {
    const { done, begunAt } = this;
    const now = performance.now();
    this.rate(now);
    const full = Math.round(CELLS * done);
    const bar = '#'.repeat(full) + '.'.repeat(CELLS - full);
    const counts = Object.entries(this.counts).map(([name, count]) => {
      const rate = this.rates[name];
      return `${count.toLocaleString('en')} ${name}${rate === undefined ? '' : ` (${Math.round(rate)} a second)`}`;
    });
    const left = done > 0.01 ? [`${span(((now - begunAt) * (1 - done)) / done)} left`] : [];
    return `[${bar}] ${Math.round(100 * done)} %  ${[this.what, ...counts, ...left].join(', ')}`;
  }

  private rate(now: number): void {
    const { at, counts: before } = this.counted;
    const { counts } = this;
    if (now - at < RATES_EVERY_MS - REWRITTEN_EVERY_MS) return;
    this.rates = Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [name, ((count - (before[name] ?? 0)) * 1000) / (now - at)]),
    );
    this.counted = { at: now, counts };
  }
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
