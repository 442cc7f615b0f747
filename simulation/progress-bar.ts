const CELLS = 24;

/** Shows the progress and the remaining time on one line of a terminal. `clear` removes it. */
export class ProgressBar {
  private begunAt = performance.now();
  private shownAt = 0;

  constructor(private readonly out: NodeJS.WriteStream | null) {}

  begin(): void {
    this.begunAt = performance.now();
  }

  /** @param done from 0 to 1 */
  show(done: number, what: string): void {
    const now = performance.now();
    if (this.out === null || now - this.shownAt < 200) return;
    this.shownAt = now;
    const full = Math.round(CELLS * done);
    const left = done > 0.01 ? `, ${span(((now - this.begunAt) * (1 - done)) / done)} left` : '';
    const bar = '#'.repeat(full) + '.'.repeat(CELLS - full);
    this.out.write(`\r\x1b[K[${bar}] ${Math.round(100 * done)} %  ${what}${left}`);
  }

  clear(): void {
    this.out?.write('\r\x1b[K');
  }
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
