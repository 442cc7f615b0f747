import { ProgressLine } from './progress-line.js';

/** Shows what the benchmark does now, since when it runs, and how much is done. */
export class Progress {
  private readonly begunAt = performance.now();
  private readonly line: ProgressLine;
  private what = '';

  constructor(out: NodeJS.WriteStream) {
    this.line = new ProgressLine(out, () => {
      const seconds = String(Math.round((performance.now() - this.begunAt) / 1000)).padStart(3);
      return `${seconds} s  ${this.what}`;
    });
  }

  say(what: string): void {
    this.what = what;
    this.line.changed();
  }

  show(what: string, done: number, of: number): void {
    const full = Math.round((20 * done) / of);
    this.say(`[${'#'.repeat(full)}${'.'.repeat(20 - full)}] ${what}`);
  }

  clear(): void {
    this.line.clear();
  }
}
