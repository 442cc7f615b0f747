import { DatabaseUnavailable } from '../../platform/http/request.problems.js';

/** Exotel hangs up after five seconds, and the answer has a way to go. */
export const EXOTEL_ANSWER_WITHIN_MS = 4_000;

/** Twilio waits for fifteen seconds. */
export const TWILIO_ANSWER_WITHIN_MS = 10_000;

/**
 * The result of `work`, or of `otherwise` where it takes longer than that. The work goes on; should it fail then, nobody
 * hears of it.
 */
export async function inTime<T>(work: Promise<T>, withinMs: number, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(otherwise());
      } catch (failure) {
        reject(failure as Error);
      }
    }, withinMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Answers 503, as where the database is away: that is what such work waits for. */
export function tookTooLong(): never {
  throw new DatabaseUnavailable();
}
