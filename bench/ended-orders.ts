import { Client } from 'pg';

import { createDataSource } from '../src/platform/database/data-source.js';
import { dropMonth, makeMonths, monthOf, monthsBefore } from '../src/platform/retention/monthly-partitions.js';
import { DEFAULT_POLICY } from '../src/virtual-numbers/pools/pool.entity.js';
import { WORKS, type Doing, type EndedOrdersEnvironment } from './ended-orders-works.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import type { Stage } from './stage.js';
import { POOLS } from './world.js';

const A_BATCH = 100_000;
/** The least ratio of the rate with ended orders to the rate without any: at most 1.1 times as long. */
const EXPECTED = 0.9;
const TABLES = [
  ...['ended_orders', 'ended_participants', 'ended_order_events', 'ended_interactions'],
  'assignment_history',
] as const;

/**
 * Measures calls, assignments, lists, explanations and jobs in the loaded database and in a copy of it with a year's
 * ended orders, in turns. Then drops a month.
 */
export async function endedOrders(stage: Stage): Promise<Pick<Results, 'contests' | 'notes'>> {
  const { databaseUrl, plan } = stage;
  const agedUrl = await copyOf(databaseUrl);
  try {
    await age(agedUrl, plan.endedOrders, (done) => stage.progress.show('ended orders', done, plan.endedOrders));
    const started = async (name: string, url: string) => {
      const environment = { ...stage.appEnvironment(name), databaseUrl: url, size: plan.size };
      const [child] = await stage.start<object, Doing, Figures>(
        './ended-orders-process.js',
        environment satisfies EndedOrdersEnvironment,
      );
      return child;
    };
    const [aged, young] = [await started('aged', agedUrl), await started('young', databaseUrl)];
    const times = plan.requestsATurn;
    const assigned = new Map<unknown, number>();
    const doing = (child: typeof aged, work: Doing['work']) => async (): Promise<Figures> => {
      const from = assigned.get(child) ?? 0;
      if (work === 'an assignment') assigned.set(child, from + times);
      return child.ask({ work, times, from });
    };
    for (const child of [aged, young]) for (const work of WORKS) await doing(child, work)();
    const contests = await stage.contests(
      WORKS.map((work) => ({
        work: `One after the other: ${work}`,
        expected: EXPECTED,
        contestants: {
          [`with ${plan.endedOrders.toLocaleString('en')} ended orders`]: doing(aged, work),
          'with none': doing(young, work),
        },
      })),
      plan.endedOrdersRounds,
    );
    const notes = await dropAMonth(agedUrl);
    for (const child of [aged, young]) await child.stop();
    return { contests, notes };
  } finally {
    await administer(databaseUrl, `DROP DATABASE IF EXISTS ${nameOf(agedUrl)} WITH (FORCE)`);
  }
}

/** Drops the oldest month of each table while others read it. */
async function dropAMonth(databaseUrl: string): Promise<string[]> {
  const dataSource = await createDataSource(databaseUrl).initialize();
  try {
    const month = monthsBefore(monthOf(new Date()), 11);
    const notes: string[] = [];
    let reading = true;
    let longestMs = 0;
    const reader = (async () => {
      while (reading) {
        const begunAt = performance.now();
        await dataSource.query(`SELECT FROM all_orders WHERE reference = 'nobody'`);
        longestMs = Math.max(longestMs, performance.now() - begunAt);
      }
    })();
    for (const table of TABLES) {
      const partition = `${table}_${month.toISOString().slice(0, 7).replace('-', '_')}`;
      const [{ rows, bytes }] = (await dataSource.query(
        `SELECT count(*)::integer AS rows, pg_total_relation_size('${partition}')::float8 AS bytes FROM ${partition}`,
      )) as [{ rows: number; bytes: number }];
      const begunAt = performance.now();
      await dropMonth(dataSource, table, month);
      const ms = Math.round(performance.now() - begunAt);
      const size = `${rows.toLocaleString('en')} rows, ${Math.round(bytes / 2 ** 20)} MB`;
      notes.push(`A month of ${table}: ${size} (${Math.round(bytes / rows)} bytes a row); dropped in ${ms} ms.`);
    }
    reading = false;
    await reader;
    return [...notes, `Meanwhile the slowest search among all orders took ${Math.round(longestMs)} ms.`];
  } finally {
    await dataSource.destroy();
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
  const dataSource = await createDataSource(databaseUrl).initialize();
  const present = monthOf(new Date());
  const months = Array.from({ length: 14 }, (_, before) => monthsBefore(present, before));
  await makeMonths(dataSource.manager, TABLES, months).finally(() => dataSource.destroy());
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // As if no process had used it. Otherwise Maskline takes the copy for a restored database, and assigns no numbers.
    await client.query('UPDATE installation SET beat = 0, written_by = 0, table_oid = 0, database_oid = 0');
    for (let from = 0; from < orders; from += A_BATCH) {
      tell(from);
      for (const statement of OF_ENDED_ORDERS) await client.query(statement(from, Math.min(orders, from + A_BATCH)));
    }
    await client.query('UPDATE order_event_feed SET last_position = $1', [4 * orders + 3 * A_BATCH]);
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

const { lifetimeSeconds, graceSeconds, cancelGraceSeconds, quarantineSeconds } = DEFAULT_POLICY;

const uuid = (what: string) => `md5('${what} ' || ended)::uuid`;
const series = (from: number, to: number) => `
  (SELECT ended, now() - make_interval(secs => 2 * 86400 + ended::bigint * 7919 % (360 * 86400)) AS at
   FROM generate_series(${from}, ${to - 1}) AS ended) AS of_order`;
/** The end of grace. */
const OVER_AT = `at + interval '1 hour'`;
const SOME_NUMBERS = 500;
const NUMBERS = `
  WITH numbers AS MATERIALIZED (
    SELECT number, row_number() OVER () - 1 AS place
    FROM (SELECT number FROM virtual_numbers ORDER BY number LIMIT ${SOME_NUMBERS}) AS ours)`;
const joined = (name: string, shift: number) =>
  `JOIN numbers AS ${name} ON ${name}.place = (ended * 7 + ${shift}) % ${SOME_NUMBERS}`;

const OF_ENDED_ORDERS: readonly ((from: number, to: number) => string)[] = [
  (from, to) => `
    INSERT INTO ended_orders (over_at, id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                        quarantine_seconds, placed_at, active_at, connects_until, closed_at, ended_because,
                              assign_numbers, link_count)
    SELECT ${OVER_AT}, ${uuid('order')}, 'ended-' || ended, '${POOLS.shared.id}', 'ended', ${lifetimeSeconds}, ${graceSeconds},
           ${cancelGraceSeconds}, ${quarantineSeconds}, at, at, at + interval '1 hour', at + interval '1 hour', 'completed',
           'when-both-known', 1
    FROM ${series(from, to)}`,
  (from, to) => `
    INSERT INTO ended_participants (over_at, id, order_id, role, joined_at)
    SELECT ${OVER_AT}, CASE role WHEN 'customer' THEN ${uuid('customer')} ELSE ${uuid('agent')} END, ${uuid('order')}, role, at
    FROM ${series(from, to)}, unnest(ARRAY['customer', 'agent']) AS role`,
  (from, to) => `
    INSERT INTO ended_order_events (over_at, id, position, order_id, kind, at)
    SELECT ${OVER_AT}, nextval('order_events_id_seq'), 4 * ended + row_number() OVER (), ${uuid('order')}, kind, at
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
    INSERT INTO ended_interactions (over_at, ordinal, kind, times_asked, provider, provider_call_id, at, order_id,
                                    caller_role, virtual_number, steps, decision, reason, outcome, talk_seconds, ended_at)
    SELECT ${OVER_AT}, nextval('interactions_ordinal_seq'), 'call', 0, 'exotel', md5('call ' || ended), at, ${uuid('order')}, 'customer', one.number,
           jsonb_build_object('connect', jsonb_build_object('decision', 'connect', 'reason', 'CONNECTED', 'at', at)),
           'connect', 'CONNECTED', 'completed', 60, at + interval '2 minutes'
    FROM ${series(from, to)} ${joined('one', 0)}`,
];
