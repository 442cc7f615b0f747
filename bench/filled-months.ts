import { Client } from 'pg';

import { createDataSource } from '../src/platform/database/data-source.js';
import { dropMonth, monthOf, monthsBefore, type Month } from '../src/platform/retention/monthly-partitions.js';
import { DEFAULT_POLICY } from '../src/virtual-numbers/pools/pool.entity.js';
import { POOLS } from './world.js';

/**
 * The settings of a server while it is filled. With `minimal`, what a transaction writes into a table that it created is
 * not written to the log too.
 */
export const FILLING: Readonly<Record<string, string>> = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  synchronous_commit: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  shared_buffers: '512MB',
  maintenance_work_mem: '512MB',
  max_parallel_maintenance_workers: '0',
};

/** Tables that are filled at the same time. */
const SESSIONS = 2;
const SECOND_MS = 1000;
const HOUR_MS = 60 * 60 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
/** The orders are placed within this many days, of which the last one was two days ago. */
const DAYS = 360;
/** From placing an order to the end of its grace. */
const LASTS = `interval '1 hour'`;
/** How full an index becomes, in percent, if its keys come in no order. */
const FILLED = 'WITH (fillfactor = 70)';
const SOME_NUMBERS = 500;

/** The orders of one month: the numbers of the series, and when the first is placed and within how many seconds all are. */
interface MonthOfOrders {
  readonly month: Month;
  readonly from: number;
  readonly to: number;
  readonly begins: Date;
  readonly seconds: number;
}

/** The first values of sequences. */
interface Firsts {
  readonly event: number;
  readonly interaction: number;
}

/** How one table is filled with the rows of ended orders. */
interface FilledTable {
  readonly table: string;
  readonly rowsAnOrder: number;
  readonly insert: (into: string, orders: MonthOfOrders, firsts: Firsts) => string;
}

/**
 * Fills the months of a year with ended orders. Each has two participants, three events, two archived assignments and
 * one call. A month becomes a part of its table when its rows and indexes are there: indexes are built at once, which
 * takes a small part of the time of adding each row to them.
 *
 * @param databaseUrl of a server with the settings `FILLING`
 * @param tell called with the number of rows so far, and in all
 */
export async function fillMonths(
  databaseUrl: string,
  orders: number,
  tell: (rows: number, of: number) => void,
): Promise<void> {
  const months = monthsOf(orders, new Date());
  const partitions = await removeMonths(
    databaseUrl,
    months.map(({ month }) => month),
  );
  const firsts = await asking(databaseUrl, (client) => reserve(client, orders));
  const of = orders * FILLED_TABLES.reduce((sum, { rowsAnOrder }) => sum + rowsAnOrder, 0);
  const waiting = [...FILLED_TABLES];
  let rows = 0;
  const fillTables = async (client: Client) => {
    for (let filled = waiting.shift(); filled; filled = waiting.shift()) {
      const { table, rowsAnOrder } = filled;
      const indexes = await indexesOf(client, table);
      for (const [index, month] of months.entries()) {
        const partition = partitions.get(table)![index]!;
        await client.query('BEGIN');
        await client.query(`CREATE TABLE ${partition} (LIKE ${table} INCLUDING ALL EXCLUDING INDEXES)`);
        await client.query(filled.insert(partition, month, firsts));
        for (const create of indexes) await client.query(create(partition));
        await client.query(`
          ALTER TABLE ${table} ATTACH PARTITION ${partition}
          FOR VALUES FROM ('${month.month.toISOString()}') TO ('${monthsBefore(month.month, -1).toISOString()}')`);
        await client.query('COMMIT');
        await client.query(`VACUUM ANALYZE ${partition}`);
        rows += rowsAnOrder * (month.to - month.from);
        tell(rows, of);
      }
      await client.query(`ANALYZE ONLY ${table}`);
    }
  };
  tell(0, of);
  await Promise.all(Array.from({ length: SESSIONS }, () => asking(databaseUrl, fillTables)));
  // As the trigger of the table does.
  await asking(databaseUrl, (client) =>
    client.query(`
      INSERT INTO assignment_history_months AS known (month, covers_until)
      SELECT date_trunc('month', one.assigned_at, 'UTC'), date_trunc('hour', max(one.quarantined_until), 'UTC') + interval '1 hour'
      FROM assignment_history AS one GROUP BY 1
      ON CONFLICT (month) DO UPDATE SET covers_until = GREATEST(known.covers_until, excluded.covers_until)`),
  );
}

/** The months of the orders. All orders of a month are also over in it. */
function monthsOf(orders: number, now: Date): MonthOfOrders[] {
  const ends = now.getTime() - 2 * DAY_MS;
  const begins = ends - DAYS * DAY_MS;
  const spans = Array.from({ length: 14 }, (_, before) => monthsBefore(monthOf(now), 13 - before))
    .map((month) => ({
      month,
      from: Math.max(begins, month.getTime()),
      to: Math.min(ends, monthsBefore(month, -1).getTime() - HOUR_MS - SECOND_MS),
    }))
    .filter(({ from, to }) => to - from >= SECOND_MS);
  const whole = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  let passed = 0;
  return spans.map(({ month, from, to }) => {
    const first = Math.round((orders * passed) / whole);
    passed += to - from;
    const seconds = Math.floor((to - from) / SECOND_MS);
    return { month, from: first, to: Math.round((orders * passed) / whole), begins: new Date(from), seconds };
  });
}

/** Removes these months, which are empty. @returns the names of their partitions, by table */
async function removeMonths(databaseUrl: string, months: readonly Month[]): Promise<Map<string, string[]>> {
  const dataSource = await createDataSource(databaseUrl).initialize();
  try {
    const partitions = new Map<string, string[]>();
    for (const { table } of FILLED_TABLES) {
      const ofTable: string[] = [];
      for (const month of months) ofTable.push(await dropMonth(dataSource, table, month));
      partitions.set(table, ofTable);
    }
    return partitions;
  } finally {
    await dataSource.destroy();
  }
}

/** Takes the values of sequences, and the positions in the feed, that the rows of these orders use. */
async function reserve(client: Client, orders: number): Promise<Firsts> {
  const { rows } = await client.query<{ event: string; interaction: string }>(
    `SELECT nextval('order_events_id_seq') AS event, nextval('interactions_ordinal_seq') AS interaction`,
  );
  const [event, interaction] = [Number(rows[0]!.event), Number(rows[0]!.interaction)];
  await client.query(`SELECT setval('order_events_id_seq', $1), setval('interactions_ordinal_seq', $2)`, [
    event + EVENTS.length * orders,
    interaction + orders,
  ]);
  await client.query('UPDATE order_event_feed SET last_position = $1', [EVENTS.length * orders]);
  return { event, interaction };
}

/** Statements that create a table's indexes on a partition, as full as they become when rows are added one by one. */
async function indexesOf(client: Client, table: string): Promise<((partition: string) => string)[]> {
  const { rows } = await client.query<{ definition: string; constraint: string | null }>(
    `SELECT pg_get_indexdef(index.indexrelid) AS definition, pg_get_constraintdef(owner.oid) AS constraint
     FROM pg_index AS index
     LEFT JOIN pg_constraint AS owner ON owner.conindid = index.indexrelid AND owner.contype IN ('p', 'u')
     WHERE index.indrelid = $1::regclass`,
    [table],
  );
  return rows.map(({ definition, constraint }) => {
    const [, unique, columns, where] = /^CREATE (UNIQUE )?INDEX \S+ ON (?:ONLY )?\S+ (USING .*?)( WHERE .*)?$/.exec(
      definition,
    )!;
    return (partition) =>
      constraint === null
        ? `CREATE ${unique ?? ''}INDEX ON ${partition} ${columns} ${FILLED}${where ?? ''}`
        : `ALTER TABLE ${partition} ADD ${constraint} ${FILLED}`;
  });
}

async function asking<T>(databaseUrl: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  return ask(client).finally(() => client.end());
}

const { lifetimeSeconds, graceSeconds, cancelGraceSeconds, quarantineSeconds } = DEFAULT_POLICY;
const EVENTS = ['order.placed', 'order.agent-assigned', 'order.completed'] as const;

const uuid = (what: string) => `md5('${what} ' || ended)::uuid`;
/** One row for each order, with values that are computed once for all its rows. Within a month, orders come in no order. */
const eachOf = ({ from, to, begins, seconds }: MonthOfOrders, ...values: readonly string[]) => `
  (SELECT ended, ${uuid('order')} AS order_id, ${values.map((value) => `${value}, `).join('')}
          '${begins.toISOString()}'::timestamptz + make_interval(secs => ended::bigint * 7919 % ${seconds}) AS at
   FROM generate_series(${from}, ${to - 1}) AS ended OFFSET 0) AS of_order`;
const NUMBERS = `
  WITH numbers AS MATERIALIZED (
    SELECT number, row_number() OVER () - 1 AS place
    FROM (SELECT number FROM virtual_numbers ORDER BY number LIMIT ${SOME_NUMBERS}) AS ours)`;
const joined = (name: string, shift: number) =>
  `JOIN numbers AS ${name} ON ${name}.place = (ended * 7 + ${shift}) % ${SOME_NUMBERS}`;
const CUSTOMER_AND_AGENT = [`${uuid('customer')} AS customer`, `${uuid('agent')} AS agent`];

/** Those that take longest first. */
const FILLED_TABLES: readonly FilledTable[] = [
  {
    table: 'assignment_history',
    rowsAnOrder: 2,
    insert: (into, orders) => `
      INSERT INTO ${into} (virtual_number, order_id, dialler_id, dialler_role, callee_id, callee_role, shown_number,
                           assigned_at, connects_until, released_at, quarantined_until)
      ${NUMBERS}
      SELECT dials, order_id, dialler, role, callee, callee_role, shows, at, at + ${LASTS}, at + ${LASTS},
             at + interval '25 hours'
      FROM ${eachOf(orders, ...CUSTOMER_AND_AGENT)} ${joined('one', 0)} ${joined('two', 1)},
           LATERAL (VALUES (one.number, customer, 'customer', agent, 'agent', two.number),
                           (two.number, agent, 'agent', customer, 'customer', one.number))
                     AS side (dials, dialler, role, callee, callee_role, shows)`,
  },
  {
    table: 'ended_order_events',
    rowsAnOrder: EVENTS.length,
    insert: (into, orders, { event }) => `
      INSERT INTO ${into} (over_at, id, position, order_id, kind, at)
      SELECT at + ${LASTS}, ${event} + ${EVENTS.length} * ended::bigint + place, ${EVENTS.length} * ended::bigint + place,
             order_id, kind, at
      FROM ${eachOf(orders)},
           LATERAL (VALUES ${EVENTS.map((kind, index) => `(${index + 1}, '${kind}')`).join(', ')}) AS event (place, kind)`,
  },
  {
    table: 'ended_interactions',
    rowsAnOrder: 1,
    insert: (into, orders, { interaction }) => `
      INSERT INTO ${into} (over_at, ordinal, kind, times_asked, provider, provider_call_id, at, order_id, caller_role,
                           virtual_number, steps, decision, reason, outcome, talk_seconds, ended_at)
      ${NUMBERS}
      SELECT at + ${LASTS}, ${interaction} + ended, 'call', 0, 'exotel', md5('call ' || ended), at, order_id, 'customer',
             one.number,
             jsonb_build_object('connect', jsonb_build_object('decision', 'connect', 'reason', 'CONNECTED', 'at', at)),
             'connect', 'CONNECTED', 'completed', 60, at + interval '2 minutes'
      FROM ${eachOf(orders)} ${joined('one', 0)}`,
  },
  {
    table: 'ended_orders',
    rowsAnOrder: 1,
    insert: (into, orders) => `
      INSERT INTO ${into} (over_at, id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                           quarantine_seconds, placed_at, active_at, connects_until, closed_at, ended_because,
                           assign_numbers, link_count)
      SELECT at + ${LASTS}, order_id, 'ended-' || ended, '${POOLS.shared.id}', 'ended', ${lifetimeSeconds},
             ${graceSeconds}, ${cancelGraceSeconds}, ${quarantineSeconds}, at, at, at + ${LASTS}, at + ${LASTS},
             'completed', 'when-both-known', 1
      FROM ${eachOf(orders)}`,
  },
  {
    table: 'ended_participants',
    rowsAnOrder: 2,
    insert: (into, orders) => `
      INSERT INTO ${into} (over_at, id, order_id, role, joined_at)
      SELECT at + ${LASTS}, who.id, order_id, role, at
      FROM ${eachOf(orders, ...CUSTOMER_AND_AGENT)},
           LATERAL (VALUES (customer, 'customer'), (agent, 'agent')) AS who (id, role)`,
  },
];
