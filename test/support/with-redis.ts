/** The Redis of the tests; null if redis-server is not installed. */
export const REDIS = process.env['TEST_REDIS_URL'] || null;

/**
 * Tests that need Redis, which npm cannot install. On a machine without redis-server they are left out, and the run
 * names that at its end. CI installs it, so CI runs them all.
 */
export const describeWithRedis = describe.runIf(REDIS !== null);
export const itWithRedis = it.runIf(REDIS !== null);
