import { DatabaseUnavailable } from '../../platform/http/request.problems.js';

/** Answers 503, as for an unavailable database, which usually is what the work waits for. */
export function tookTooLong(): never {
  throw new DatabaseUnavailable();
}
