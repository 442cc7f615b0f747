import { Busy } from './request.problems.js';

/** How many requests run at once if each shares its statements with others. */
const PLACES = 32;
const MOST_WAITING = 64;
const WAITS_AT_MOST_MS = 10_000;

/**
 * How many places a request takes. `WHOLE_STATEMENTS`: it has statements of its own, each on a connection. So at most
 * four run at once, which leaves half of the connections for requests and jobs to cheap requests. `SHARED_STATEMENTS`:
 * it shares a few statements with others of its kind, which use as many connections as one request.
 */
export const WHOLE_STATEMENTS = 8;
export const SHARED_STATEMENTS = 1;
export type Places = typeof WHOLE_STATEMENTS | typeof SHARED_STATEMENTS;

/** Limits how many expensive requests run at once in this process; the others wait in order of arrival. */
export class ExpensiveWork {
  private free = PLACES;
  private readonly waiting: { readonly places: Places; start(): void }[] = [];

  /** @throws Busy if too many are waiting, or its turn did not come in time */
  async run<T>(places: Places, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length > 0 || this.free < places) await this.turn(places);
    else this.free -= places;
    try {
      return await work();
    } finally {
      this.free += places;
      this.startNext();
    }
  }

  private async turn(places: Places): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) throw new Busy();
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        places,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        this.startNext();
        reject(new Busy());
      }, WAITS_AT_MOST_MS);
      this.waiting.push(waiter);
    });
  }

  private startNext(): void {
    for (let next = this.waiting[0]; next && next.places <= this.free; next = this.waiting[0]) {
      this.waiting.shift();
      this.free -= next.places;
      next.start();
    }
  }
}
