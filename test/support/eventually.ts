import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds. @throws Error if it does not in time */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await holds()); await sleep(10)) {
    if (performance.now() > deadline) throw new Error(`Not so within ${withinMs} ms: ${holds.toString()}`);
  }
}
