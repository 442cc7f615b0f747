import { Client } from 'pg';

const A_BATCH = 50_000;

/**
 * Ended orders as versions before migration 90 kept them, in the live tables: each has two participants, three events,
 * a call, two archived assignments and three incoming events, of the last year. Uses only columns of migration 86.
 */
export async function endedInLiveTables(databaseUrl: string, pool: string, orders: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(MONTHS);
    for (let from = 0; from < orders; from += A_BATCH) {
      const range = [from, Math.min(orders, from + A_BATCH) - 1];
      for (const statement of STATEMENTS)
        await client.query(statement, statement.includes('$3') ? [...range, pool] : range);
      if (from % (10 * A_BATCH) === 0) process.stdout.write(`  ${from} of ${orders} ended orders\n`);
    }
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

const MONTHS = `
  DO $$
  DECLARE month timestamp;
  BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '13 months',
                                        date_trunc('month', now() AT TIME ZONE 'UTC'), interval '1 month') LOOP
      EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF assignment_history FOR VALUES FROM (%L) TO (%L)',
                     'assignment_history_' || to_char(month, 'YYYY_MM'),
                     month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
  END $$`;

const uuid = (what: string) => `md5('${what} ' || ended)::uuid`;
const SERIES = `
  (SELECT ended, now() - make_interval(secs => 2 * 86400 + ended::bigint * 7919 % (360 * 86400)) AS at
   FROM generate_series($1::integer, $2::integer) AS ended) AS of_order`;
const NUMBER = (shift: number) => `ours.numbers[(ended * 7 + ${shift}) % cardinality(ours.numbers) + 1]`;
const OURS = 'CROSS JOIN (SELECT array_agg(number ORDER BY number) AS numbers FROM virtual_numbers) AS ours';

const STATEMENTS = [
  `INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                       quarantine_seconds, placed_at, active_at, connects_until, closed_at, ended_because)
   SELECT ${uuid('order')}, 'ended-' || ended, pools.id, 'ended', 86400, 1800, 0, 86400, at, at, at + interval '1 hour',
          at + interval '1 hour', 'completed'
   FROM ${SERIES} JOIN pools ON pools.name = $3`,
  `INSERT INTO participants (id, order_id, role, joined_at)
   SELECT CASE role WHEN 'customer' THEN ${uuid('customer')} ELSE ${uuid('agent')} END, ${uuid('order')}, role, at
   FROM ${SERIES}, unnest(ARRAY['customer', 'agent']) AS role`,
  `INSERT INTO order_events (position, order_id, kind, at)
   SELECT 1000000 + ended * 3 + place, ${uuid('order')}, kind, at
   FROM ${SERIES}, unnest(ARRAY['order.placed', 'order.agent-assigned', 'order.completed']) WITH ORDINALITY AS one (kind, place)`,
  `INSERT INTO interactions (provider, provider_call_id, at, order_id, caller_role, virtual_number, steps, decision, reason,
                             outcome, talk_seconds, ended_at)
   SELECT 'exotel', md5('call ' || ended), at, ${uuid('order')}, 'customer', ${NUMBER(0)},
          jsonb_build_object('connect', jsonb_build_object('decision', 'connect', 'reason', 'CONNECTED', 'at', at)),
          'connect', 'CONNECTED', 'completed', 60, at + interval '2 minutes'
   FROM ${SERIES} ${OURS}`,
  `INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_id, callee_role, shown_number,
                                   assigned_at, connects_until, released_at, quarantined_until)
   SELECT ${NUMBER(0)}, ${uuid('order')}, ${uuid('customer')}, 'customer', ${uuid('agent')}, 'agent', ${NUMBER(1)},
          at, at + interval '1 hour', at + interval '1 hour', at + interval '25 hours'
   FROM ${SERIES} ${OURS}
   UNION ALL
   SELECT ${NUMBER(1)}, ${uuid('order')}, ${uuid('agent')}, 'agent', ${uuid('customer')}, 'customer', ${NUMBER(0)},
          at, at + interval '1 hour', at + interval '1 hour', at + interval '25 hours'
   FROM ${SERIES} ${OURS}`,
  `INSERT INTO incoming_events (source, event_id, type, reference, happened_at, status, received_at)
   SELECT '/orders', kind || ' ' || ended, kind, 'ended-' || ended, at, 'applied', at
   FROM ${SERIES}, unnest(ARRAY['order.placed', 'order.agent-assigned', 'order.completed']) AS kind`,
];
