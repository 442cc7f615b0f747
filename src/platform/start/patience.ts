import pRetry from 'p-retry';

/** How long a start waits for a server that does not answer, is starting or has no connection free. */
const PATIENCE_MS = 30_000;
/** How long, where nothing listens: mostly the URL is wrong, or a container comes a little later. */
const PATIENCE_WITH_NOBODY_MS = 5_000;
const TRIES_EVERY_MS = 500;

/**
 * Tries to reach a server when the process starts, again and again for a bounded time: on a busy machine, one connection
 * may take longer than any bound that suits a running process.
 *
 * @param mayPass whether a failure can pass by itself; a wrong password cannot
 * @throws what the last attempt threw
 */
export async function patiently<T>(attempt: () => Promise<T>, mayPass: (failure: Error) => boolean): Promise<T> {
  const begun = performance.now();
  return pRetry(attempt, {
    ...{ retries: Infinity, factor: 1, minTimeout: TRIES_EVERY_MS, maxRetryTime: PATIENCE_MS },
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
