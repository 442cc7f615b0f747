/** Shows the progress on one line of a terminal. `clear` removes it. */
export class Progress {
  private readonly begunAt = performance.now();

  constructor(private readonly out: NodeJS.WriteStream | null) {}

  say(what: string): void {
    const seconds = String(Math.round((performance.now() - this.begunAt) / 1000)).padStart(3);
    this.out?.write(`\r\x1b[K${seconds} s  ${what}`);
  }

  show(what: string, done: number, of: number): void {
    const full = Math.round((20 * done) / of);
    this.say(`[${'#'.repeat(full)}${'.'.repeat(20 - full)}] ${what}`);
  }

  clear(): void {
    this.out?.write('\r\x1b[K');
  }
}
