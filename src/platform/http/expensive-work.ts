import { Busy } from './request.problems.js';

/** Half of the connections for requests and jobs, so that cheap requests stay fast. */
const AT_ONCE = 4;
const MOST_WAITING = 64;
const WAITS_AT_MOST_MS = 10_000;

/** Limits how many expensive requests run at once in this process; the others wait in order of arrival. */
export class ExpensiveWork {
  private running = 0;
  private readonly waiting: { start(): void }[] = [];

  /** @throws Busy if too many are waiting, or its turn did not come in time */
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
