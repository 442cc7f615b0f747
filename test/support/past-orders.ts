import type { TestApp } from './app.js';

const MINUTE_MS = 60_000;

/** Stores past orders: `each` in every quarter hour of the last `days` days, with their numbers held and released. */
export async function pastOrders(
  maskline: TestApp,
  pool: string,
  { days, each, heldMinutes = 70 }: { days: number; each: number; heldMinutes?: number },
): Promise<void> {
  const now = maskline.clock.now();
  await maskline.dataSource.query(
    `INSERT INTO orders (reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                         quarantine_seconds, placed_at, active_at, closed_at, connects_until, ended_because)
     SELECT 'past-' || gen_random_uuid(), pools.id, 'ended', 86400, 1800, 0, 86400, at, at, at + $5, at + $5, 'completed'
     FROM pools, generate_series($2::timestamptz, $3::timestamptz - interval '1 second', interval '15 minutes') AS quarter (at),
          generate_series(1, $4)
     WHERE pools.name = $1`,
    [pool, new Date(now.getTime() - days * 1_440 * MINUTE_MS), now, each, `${heldMinutes} minutes`],
  );
}
