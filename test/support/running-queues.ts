import { setTimeout as sleep } from 'node:timers/promises';

import { Processors, type WorkedQueue } from '../../src/platform/queue/processors.js';
import { readQueue } from '../../src/platform/queue/queue-reading.js';
import type { TestApp } from './app.js';
import { CalmTime } from './calm-time.js';

/** A queue that repeats within this time can be observed to run. */
const SOON_MS = 5_000;

/** Observes whether the queues of an application run. */
export class RunningQueues {
  private readonly completedAt = new Map<string, number>();
  private readonly scheduled: readonly WorkedQueue[];

  constructor(app: TestApp) {
    this.scheduled = app
      .get(Processors)
      .all()
      .filter(({ processor: { schedule } }) => schedule !== null && !schedule.isOff);
    for (const { queue, worker } of this.scheduled) {
      worker?.on('completed', () => this.completedAt.set(queue.name, Date.now()));
    }
  }

  get names(): string[] {
    return this.scheduled.map(({ queue }) => queue.name);
  }

  /** Waits until each queue has run since `since`, or is scheduled to run. @returns the milliseconds that it took */
  async runAgain(since: number, withinMs = 15_000): Promise<number> {
    const waited = new CalmTime();
    for (;;) {
      const begun = Date.now();
      const stopped = await this.stoppedSince(since);
      if (stopped.length === 0) return begun - since;
      if (waited.ms > withinMs) throw new Error(`Not running after ${withinMs} ms: ${await this.describe(stopped)}`);
      await sleep(100);
    }
  }

  private async stoppedSince(since: number): Promise<string[]> {
    const all = this.scheduled.map(async (worked) => ((await this.runs(worked, since)) ? [] : worked.queue.name));
    return (await Promise.all(all)).flat();
  }

  /** What the backend reports on these queues, and when they last completed a job. */
  private async describe(names: readonly string[]): Promise<string> {
    const described = this.scheduled
      .filter(({ queue }) => names.includes(queue.name))
      .map(async ({ queue, processor: { schedule } }) => {
        const now = Date.now();
        const reading = await Promise.race([readQueue(queue, schedule, now), sleep(3_000, null)]).catch(String);
        return `${queue.name} at ${now}, completed at ${this.completedAt.get(queue.name)}: ${JSON.stringify(reading)}`;
      });
    return (await Promise.all(described)).join('; ');
  }

  private async runs({ queue, processor: { schedule } }: WorkedQueue, since: number): Promise<boolean> {
    const { repeat } = schedule!;
    if ('every' in repeat && repeat.every <= SOON_MS) return (this.completedAt.get(queue.name) ?? 0) > since;
    const reading = readQueue(queue, schedule, Date.now()).then(({ nextJob }) => nextJob === 'waiting');
    return Promise.race([reading.catch(() => false), sleep(3_000, false)]);
  }
}
