import { readFileSync } from 'node:fs';

/** A database server, which takes part in nearly everything that is timed, waits about as long as this process. */
const WAITING_PROCESSES = 2;
/** However busy the machine is, at least this much of the time counts. */
const LEAST_COUNTED = 0.25;

/**
 * A stopwatch for promises of time. Time in which this process could run but had no processor does not count: on a busy
 * machine, an application that gets a fraction of a processor keeps its promise nevertheless. Time that the application
 * computes or waits counts in full.
 */
export class CalmTime {
  private readonly begunAt = performance.now();
  private readonly delayedAtBegin = delayedMs();

  get ms(): number {
    const passed = performance.now() - this.begunAt;
    const delayed = WAITING_PROCESSES * (delayedMs() - this.delayedAtBegin);
    return Math.max(passed - delayed, LEAST_COUNTED * passed);
  }
}

/** How long the kernel let this process's main thread wait for a processor; 0 where it does not count that. */
function delayedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0; // not Linux
  }
}
