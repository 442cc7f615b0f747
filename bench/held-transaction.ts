import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import type { Assigned, Assigning } from './assigning-process.js';
import { POOLS } from './assignments.js';
import type { Contest, Results } from './report.js';
import type { Stage } from './stage.js';
import { undoAssignments, type PoolKind } from './world.js';

const WRITERS = 16;
const EXPECTED = 0.45;

/**
 * Measures the assignment of agents while another client (a report or a dump) keeps a transaction open, so that
 * PostgreSQL cannot remove old row versions. The writers start before it is opened, and continue.
 */
export async function heldTransaction(stage: Stage): Promise<Pick<Results, 'contests'>> {
  const [service] = await stage.start<object, Assigning, Assigned>(
    './assigning-process.js',
    stage.appEnvironment('held-transaction'),
  );
  const contests: Contest[] = [];
  for (const pool of ['exclusive', 'shared'] as const) {
    stage.progress.say(`a transaction held open, ${POOLS[pool]}`);
    contests.push(await whileHeld(stage, pool, (assigning) => service.ask(assigning)));
  }
  await service.stop();
  return { contests };
}

async function whileHeld(
  { databaseUrl, plan }: Stage,
  pool: PoolKind,
  assign: (assigning: Assigning) => Promise<Assigned>,
): Promise<Contest> {
  const { before, seconds, end } = plan.held;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const orders = plan.size[pool].placedOrders;
    const assigning = assign({ size: plan.size, pool, orders, inFlight: WRITERS, seconds: before + seconds });
    await sleep(before * 1000);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query('SELECT count(*) FROM pools');
    const { windows } = await assigning;
    await client.query('COMMIT');
    if (windows.length < before + seconds) throw new Error('There were too few orders for the time.');
    await undoAssignments(client);
    const rate = (from: number, to: number) =>
      windows.slice(from, to).reduce((sum, { perSecond }) => sum + perSecond, 0) / (to - from);
    const worst = (from: number, to: number, which: 'p50Ms' | 'p99Ms') =>
      Math.max(...windows.slice(from, to).map((window) => window[which]));
    const part = (from: number, to: number) => ({
      perSecond: rate(from, to),
      p50Ms: worst(from, to, 'p50Ms'),
      p99Ms: worst(from, to, 'p99Ms'),
    });
    const held = before + seconds;
    return {
      work: `Agents assigned, ${POOLS[pool]}, ${WRITERS} writers, a transaction held open for ${seconds} s`,
      expected: EXPECTED,
      contestants: [
        { name: `the last ${end} s of it`, rounds: [part(held - end, held)] },
        { name: `undisturbed, the ${before} s before it`, rounds: [part(0, before)] },
      ],
    };
  } finally {
    await client.end();
  }
}
