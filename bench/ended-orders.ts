import { Client } from 'pg';

import { DEFAULT_POLICY } from '../src/virtual-numbers/pools/pool.entity.js';
import type { AppReady, Memory } from './app-process.js';
import type { Calling, CallersEnvironment } from './callers-process.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import type { Stage } from './stage.js';
import { HOOK_SECRET, POOLS } from './world.js';

const CONNECTIONS = 32;
const A_BATCH = 100_000;
/** The least ratio of the rate with ended orders to the rate without any. */
const EXPECTED = 0.9;

/** Measures calls in the loaded database and in a copy of it with a year's ended orders, in turns. */
export async function endedOrders(stage: Stage): Promise<Pick<Results, 'contests'>> {
  const { databaseUrl, plan } = stage;
  const agedUrl = await copyOf(databaseUrl);
  try {
    await age(agedUrl, plan.endedOrders, (done) => stage.progress.show('ended orders', done, plan.endedOrders));
    const started = async (name: string, url: string) =>
      stage.start<AppReady, object, Memory>('./app-process.js', { ...stage.appEnvironment(name), databaseUrl: url });
    const [aged, { port: agedPort }] = await started('aged', agedUrl);
    const [young, { port: youngPort }] = await started('young', databaseUrl);
    const [callers] = await stage.start<object, Calling, Figures>('./callers-process.js', {
      size: plan.size,
    } satisfies CallersEnvironment);
    const calling = (port: number, seconds: number): Calling => {
      const path = `/hooks/exotel/${HOOK_SECRET}/connect`;
      return { port, path, way: 'connect', connections: CONNECTIONS, seconds };
    };
    for (const port of [agedPort, youngPort]) await callers.ask(calling(port, plan.warmUpSeconds));
    const contests = await stage.contests([
      {
        work: `Calls decided and recorded, ${CONNECTIONS} connections`,
        expected: EXPECTED,
        contestants: {
          [`the app, with ${plan.endedOrders.toLocaleString('en')} ended orders`]: () =>
            callers.ask(calling(agedPort, plan.seconds)),
          'the app, with none': () => callers.ask(calling(youngPort, plan.seconds)),
        },
      },
    ]);
    for (const child of [aged, young, callers]) await child.stop();
    return { contests };
  } finally {
    await administer(databaseUrl, `DROP DATABASE IF EXISTS ${nameOf(agedUrl)} WITH (FORCE)`);
  }
}

async function copyOf(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  url.pathname = `${nameOf(databaseUrl)}_aged`;
  await administer(databaseUrl, `CREATE DATABASE ${nameOf(url.href)} TEMPLATE ${nameOf(databaseUrl)}`);
  return url.href;
}

function nameOf(databaseUrl: string): string {
  return new URL(databaseUrl).pathname.slice(1);
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const url = new URL(databaseUrl);
  url.pathname = 'postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Each ended order has two participants, three events, two archived assignments and one call, of the last year. */
async function age(databaseUrl: string, orders: number, tell: (done: number) => void): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`
      DO $$
      DECLARE month timestamp;
      BEGIN
        FOR month IN SELECT generate_series(date_trunc('month', now() - interval '13 months'), now(), '1 month') LOOP
          EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF assignment_history FOR VALUES FROM (%L) TO (%L)',
                         'assignment_history_' || to_char(month, 'YYYY_MM'),
                         month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
        END LOOP;
      END $$`);
    for (let from = 0; from < orders; from += A_BATCH) {
      tell(from);
      for (const statement of OF_ENDED_ORDERS) await client.query(statement(from, Math.min(orders, from + A_BATCH)));
    }
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

const { lifetimeSeconds, graceSeconds, cancelGraceSeconds, quarantineSeconds } = DEFAULT_POLICY;

const uuid = (what: string) => `md5('${what} ' || ended)::uuid`;
const series = (from: number, to: number) => `
  (SELECT ended, now() - make_interval(secs => 2 * 86400 + ended % (360 * 86400)) AS at
   FROM generate_series(${from}, ${to - 1}) AS ended) AS of_order`;
const SOME_NUMBERS = 500;
const NUMBERS = `
  WITH numbers AS MATERIALIZED (
    SELECT number, row_number() OVER () - 1 AS place
    FROM (SELECT number FROM virtual_numbers ORDER BY number LIMIT ${SOME_NUMBERS}) AS ours)`;
const joined = (name: string, shift: number) =>
  `JOIN numbers AS ${name} ON ${name}.place = (ended * 7 + ${shift}) % ${SOME_NUMBERS}`;

const OF_ENDED_ORDERS: readonly ((from: number, to: number) => string)[] = [
  (from, to) => `
    INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                        quarantine_seconds, placed_at, active_at, connects_until, closed_at, ended_because)
    SELECT ${uuid('order')}, 'ended-' || ended, '${POOLS.shared.id}', 'ended', ${lifetimeSeconds}, ${graceSeconds},
           ${cancelGraceSeconds}, ${quarantineSeconds}, at, at, at + interval '1 hour', at + interval '1 hour', 'completed'
    FROM ${series(from, to)}`,
  (from, to) => `
    INSERT INTO participants (id, order_id, role, joined_at)
    SELECT CASE role WHEN 'customer' THEN ${uuid('customer')} ELSE ${uuid('agent')} END, ${uuid('order')}, role, at
    FROM ${series(from, to)}, unnest(ARRAY['customer', 'agent']) AS role`,
  (from, to) => `
    INSERT INTO order_events (order_id, kind, at)
    SELECT ${uuid('order')}, kind, at
    FROM ${series(from, to)}, unnest(ARRAY['order.placed', 'order.agent-assigned', 'order.completed']) AS kind`,
  (from, to) => `
    ${NUMBERS}
    INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_id, callee_role,
                                    shown_number, assigned_at, connects_until, released_at, quarantined_until)
    SELECT CASE role WHEN 'customer' THEN one.number ELSE two.number END, ${uuid('order')},
           CASE role WHEN 'customer' THEN ${uuid('customer')} ELSE ${uuid('agent')} END, role,
           CASE role WHEN 'customer' THEN ${uuid('agent')} ELSE ${uuid('customer')} END,
           CASE role WHEN 'customer' THEN 'agent' ELSE 'customer' END,
           CASE role WHEN 'customer' THEN two.number ELSE one.number END,
           at, at + interval '1 hour', at + interval '1 hour', at + interval '25 hours'
    FROM ${series(from, to)} ${joined('one', 0)} ${joined('two', 1)}
    CROSS JOIN unnest(ARRAY['customer', 'agent']) AS role`,
  (from, to) => `
    ${NUMBERS}
    INSERT INTO interactions (provider, provider_call_id, at, order_id, caller_role, virtual_number, steps, decision, reason,
                              outcome, talk_seconds, ended_at)
    SELECT 'exotel', md5('call ' || ended), at, ${uuid('order')}, 'customer', one.number,
           jsonb_build_object('connect', jsonb_build_object('decision', 'connect', 'reason', 'CONNECTED', 'at', at)),
           'connect', 'CONNECTED', 'completed', 60, at + interval '2 minutes'
    FROM ${series(from, to)} ${joined('one', 0)}`,
];
