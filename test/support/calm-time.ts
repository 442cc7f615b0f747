import { readFileSync } from 'node:fs';

/** Of time in which processes wait for a processor, this much counts. */
const COUNTED = 0.25;

/**
 * A stopwatch for promises of time. It runs slower while the machine is busy with other work: an application that gets
 * a fraction of a processor needs several times as long, and keeps its promise nevertheless. On a calm machine it is a
 * clock.
 */
export class CalmTime {
  private readonly begunAt = performance.now();
  private readonly pressedAtBegin = pressedMs();

  get ms(): number {
    const passed = performance.now() - this.begunAt;
    const pressed = Math.min(passed, pressedMs() - this.pressedAtBegin);
    return passed - (1 - COUNTED) * pressed;
  }
}

/** The kernel's count of milliseconds in which a process that could run had to wait; 0 where it keeps none. */
function pressedMs(): number {
  try {
    return Number(/^some .*total=(\d+)/.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}
