import { Busy } from './request.problems.js';

/** Half of what requests and jobs may use at once, so that cheap requests keep their pace. */
const AT_ONCE = 4;
const MOST_WAITING = 64;
const WAITS_AT_MOST_MS = 10_000;

/** Lets a few of a kind of work run at once in this process; the rest wait in the order in which they came. */
export class ExpensiveWork {
  private running = 0;
  private readonly waiting: { start(): void }[] = [];

  /** @throws Busy when too many wait already, or the turn did not come in time */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) await this.turn();
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift(); // takes over the place
      if (next) next.start();
      else this.running -= 1;
    }
  }

  private async turn(): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) throw new Busy();
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        reject(new Busy());
      }, WAITS_AT_MOST_MS);
      this.waiting.push(waiter);
    });
  }
}
