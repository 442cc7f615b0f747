import pRetry from 'p-retry';

/** How long a start waits for a server that does not answer, is starting, or has no free connection. */
const PATIENCE_MS = 30_000;
/** How long a start waits if nothing listens: usually the URL is wrong, or a container starts a little later. */
const PATIENCE_WITH_NOBODY_MS = 5_000;
const TRIES_EVERY_MS = 500;

/**
 * Tries repeatedly to reach a server when the process starts, for a limited time. On a busy machine, one connection may
 * take longer than any limit that suits a running process.
 *
 * @param mayPass whether a failure may be temporary; a wrong password is not
 * @throws the last failure
 */
export async function patiently<T>(attempt: () => Promise<T>, mayPass: (failure: Error) => boolean): Promise<T> {
  const begun = performance.now();
  return pRetry(attempt, {
    retries: Infinity,
    factor: 1,
    minTimeout: TRIES_EVERY_MS,
    maxRetryTime: PATIENCE_MS,
    shouldRetry: ({ error }) => {
      const waits = isRefused(error) ? PATIENCE_WITH_NOBODY_MS : PATIENCE_MS;
      return mayPass(error) && performance.now() - begun < waits;
    },
  });
}

function isRefused(failure: unknown): boolean {
  const { code, cause } = (failure ?? {}) as { code?: unknown; cause?: unknown };
  return code === 'ECONNREFUSED' || (cause != null && isRefused(cause));
}
