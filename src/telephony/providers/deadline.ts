import { DatabaseUnavailable } from '../../platform/http/request.problems.js';

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
