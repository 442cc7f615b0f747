import { setTimeout as sleep } from 'node:timers/promises';

import type { PinoLogger } from 'nestjs-pino';

/** A queue that is away must not hold up the start of the process. */
const SCHEDULED_WITHIN_MS = 1_000;

/**
 * Sets a queue's clock when a process starts. Bounded in time: from a Redis that is silent the start goes on, and the clock
 * is set as soon as Redis answers again, or by the next process that starts.
 *
 * @throws what the queue refuses it for, when it does so in time: the start fails then
 */
export async function schedule(set: () => Promise<unknown>, logger: PinoLogger): Promise<void> {
  let isLate = false;
  const setting = set().then(
    () => isLate && logger.info('clock set late'),
    (err: unknown) => {
      if (!isLate) throw err;
      logger.error({ err }, 'clock not set, the next start will set it');
    },
  );
  const late = sleep(SCHEDULED_WITHIN_MS, undefined, { ref: false }).then(() => {
    isLate = true;
  });
  await Promise.race([setting, late]);
  if (isLate) logger.warn({ waitedMs: SCHEDULED_WITHIN_MS }, 'clock not set yet, it will be when the queue answers');
}
