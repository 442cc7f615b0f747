/** The waits before the second and each further attempt, as Standard Webhooks proposes them. */
const WAITS_SECONDS = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
/** Added at random, so that the endpoints of a receiver that comes back do not all ask it at once. */
const JITTER = 0.1;

/** An endpoint of which no attempt succeeds for so long is disabled. */
export const FAILING_SECONDS = 3 * 24 * 3_600;

/** A receiver cannot ask for a longer rest. */
const LONGEST_SECONDS = 24 * 3_600;

/**
 * How long to wait after a failed attempt.
 *
 * @param attempts failed ones for this event, at least 1
 * @param retryAfterSeconds what the receiver asked for; null = nothing
 */
export function waitSeconds(attempts: number, retryAfterSeconds: number | null, random = Math.random()): number {
  const planned = WAITS_SECONDS[Math.min(attempts, WAITS_SECONDS.length) - 1]!;
  const asked = Math.min(retryAfterSeconds ?? 0, LONGEST_SECONDS);
  return Math.max(planned, asked) * (1 + JITTER * random);
}
