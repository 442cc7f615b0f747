import { DatabaseUnavailable } from '../../platform/http/request.problems.js';

/** The result of `work`, or of `otherwise` if it takes too long. The work continues; its later failure is ignored. */
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

/** Answers 503, as for an unavailable database, which usually is what the work waits for. */
export function tookTooLong(): never {
  throw new DatabaseUnavailable();
}
