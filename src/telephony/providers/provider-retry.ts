import pRetry from 'p-retry';

import { ProviderBusy, ProviderNotReached, ProviderUnavailable } from './provider-errors.js';

/** A failure that may pass quickly, such as a 503. The work of the request may have been done. */
export class MomentarilyUnavailable extends ProviderUnavailable {}

/** When a failed request is sent again: always, only if the provider did not do its work, or never. */
export type Repeat = 'always' | 'if-undone' | 'never';

export interface RetryTiming {
  /** Minimum wait before the second attempt; the maximum is twice as much. Doubled for the third attempt. */
  readonly backoffMs: number;
}

const ATTEMPTS = 3;
/** A longer wait is left to another job of the caller. */
const LONGEST_WAIT_MS = 5_000;
/** No attempt starts later than this after the first. */
const PATIENCE_MS = 20_000;

/**
 * Sends a request to a provider up to three times. A refusal because of the rate limit does not count as an attempt:
 * the request is sent again after the wait that the provider asks for, for up to 20 s.
 *
 * @param wait pauses all requests of the account for the given time
 * @throws the failure of the last attempt
 */
export async function askAgain<T>(
  attempt: () => Promise<T>,
  repeat: Repeat,
  { backoffMs }: RetryTiming,
  wait: (ms: number) => Promise<void>,
): Promise<T> {
  const isBusyShortly = (error: Error): error is ProviderBusy =>
    error instanceof ProviderBusy && (error.options.retryAfterMs ?? 0) <= LONGEST_WAIT_MS;
  return pRetry(attempt, {
    retries: ATTEMPTS - 1,
    minTimeout: backoffMs,
    factor: 2,
    randomize: true,
    maxRetryTime: PATIENCE_MS,
    shouldRetry: ({ error }) => mayRepeat(repeat, error),
    shouldConsumeRetry: ({ error }) => repeat === 'never' || !isBusyShortly(error),
    onFailedAttempt: async ({ error }) => {
      if (repeat !== 'never' && isBusyShortly(error)) await wait(Math.max(error.options.retryAfterMs ?? 0, backoffMs));
    },
  });
}

function mayRepeat(repeat: Repeat, error: Error): boolean {
  if (repeat === 'never' || !(error instanceof ProviderUnavailable)) return false;
  if ((error.options.retryAfterMs ?? 0) > LONGEST_WAIT_MS) return false;
  if (error instanceof ProviderBusy || error instanceof ProviderNotReached) return true;
  return repeat === 'always' && error instanceof MomentarilyUnavailable;
}
