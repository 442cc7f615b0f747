import { statfs } from 'node:fs/promises';

import { Client } from 'pg';

import { createDataSource } from '../src/platform/database/data-source.js';
import { dropMonth, monthOf, monthsBefore } from '../src/platform/retention/monthly-partitions.js';
import { WORKS, type Doing, type EndedOrdersEnvironment } from './ended-orders-works.js';
import { FILLING, fillMonths } from './filled-months.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import type { Stage } from './stage.js';

/** The least ratio of the rate with ended orders to the rate without any: at most 1.1 times as long. */
const EXPECTED = 0.9;
/** What an ended order takes on the disk, with all that belongs to it, its indexes and the log. */
const BYTES_AN_ORDER = 3_500;
const TABLES = [
  ...['ended_orders', 'ended_participants', 'ended_order_events', 'ended_interactions'],
  'assignment_history',
] as const;

/**
 * Measures calls, assignments, lists, explanations and jobs in the loaded database and in a copy of it with a year's
 * ended orders, in turns. Then drops a month.
 */
export async function endedOrders(stage: Stage): Promise<Pick<Results, 'contests' | 'notes'>> {
  const { plan } = stage;
  await mustHaveRoom(stage.folder, plan.endedOrders);
  stage.progress.say('copying the loaded database');
  await stage.restart(FILLING);
  const name = await copyOf(stage.databaseUrl);
  try {
    await age(stage, name);
    await stage.restart();
    const [databaseUrl, agedUrl] = [stage.databaseUrl, urlOf(stage, name)];
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
    stage.progress.say('warming up');
    for (let turn = 0; turn < plan.endedOrdersWarmUps; turn += 1) {
      for (const child of [aged, young]) for (const work of WORKS) await doing(child, work)();
    }
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
    await administer(stage.databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
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

/** @throws before the work rather than in the middle of it */
async function mustHaveRoom(folder: string, orders: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const needed = orders * BYTES_AN_ORDER;
  if (bavail * bsize >= needed) return;
  throw new Error(
    `${orders.toLocaleString('en')} ended orders need about ${gigabytes(needed)}; ${folder} has ${gigabytes(bavail * bsize)} free. Set TMPDIR to a larger disk.`,
  );
}

/** @returns the name of the copy */
async function copyOf(databaseUrl: string): Promise<string> {
  const original = new URL(databaseUrl).pathname.slice(1);
  const name = `${original}_aged`;
  await administer(databaseUrl, `CREATE DATABASE ${name} TEMPLATE ${original}`);
  return name;
}

function urlOf(stage: Stage, database: string): string {
  const url = new URL(stage.databaseUrl);
  url.pathname = database;
  return url.href;
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const url = new URL(databaseUrl);
  url.pathname = 'postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function age(stage: Stage, name: string): Promise<void> {
  const { plan, progress } = stage;
  const url = urlOf(stage, name);
  const client = new Client({ connectionString: url });
  await client.connect();
  // As if no process had used it. Otherwise Maskline takes the copy for a restored database, and assigns no numbers.
  await client
    .query('UPDATE installation SET beat = 0, written_by = 0, table_oid = 0, database_oid = 0')
    .finally(() => client.end());
  const ended = plan.endedOrders.toLocaleString('en');
  await fillMonths(url, plan.endedOrders, (rows, of) =>
    progress.show(`${ended} ended orders: ${rows.toLocaleString('en')} of ${of.toLocaleString('en')} rows`, rows, of),
  );
}
