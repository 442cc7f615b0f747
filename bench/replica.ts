import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import type { E164 } from '../src/phone-number/e164.js';
import { Replica } from '../src/virtual-numbers/replica/replica.js';
import type { AppReady, Memory } from './app-process.js';
import type { Calling, CallersEnvironment } from './callers-process.js';
import { DatabaseLine } from './database-line.js';
import { figuresOf, type Figures } from './latencies.js';
import type { Results } from './report.js';
import type { Stage } from './stage.js';
import { activeOrders, API_KEY, callOf, HOOK_SECRET, vault } from './world.js';

const CONNECTIONS = 32;
const CHANGES = 200;
const WITHIN_MS = 120_000;
/** Below this, the copy that follows a new connection is complete. */
const COPIED_LAG_SECONDS = 3;

/**
 * Measures an application with a replica: calls decided with the database and without it, in turns, and how long a
 * committed change takes to reach the replica.
 */
export async function replica(stage: Stage): Promise<Pick<Results, 'contests' | 'memory'>> {
  const { databaseUrl, plan } = stage;
  const replicaDir = await mkdtemp(join(tmpdir(), 'maskline-bench-replica-'));
  const line = await DatabaseLine.to(databaseUrl);
  try {
    const environment = { ...stage.appEnvironment('replica'), databaseUrl: line.url, replicaDir };
    const [app, { port }] = await stage.start<AppReady, object, Memory>('./app-process.js', environment);
    const [callers] = await stage.start<object, Calling, Figures>('./callers-process.js', {
      size: plan.size,
    } satisfies CallersEnvironment);
    stage.progress.say('copying into the replica');
    await until(async () => (await metric(port, 'maskline_replica_lag_seconds')) !== null);
    const started = await app.ask({});
    const path = `/hooks/exotel/${HOOK_SECRET}/connect`;
    const calling = { ports: [port], path, way: 'connect', connections: CONNECTIONS, seconds: plan.seconds } as const;
    await callers.ask({ ...calling, seconds: plan.warmUpSeconds });
    const withDatabase = async () => {
      line.mend();
      await until(async () => (await status(port)) === 'ready');
      await until(async () => (await metric(port, 'maskline_journal_pending')) === 0);
      await until(async () => ((await metric(port, 'maskline_replica_lag_seconds')) ?? Infinity) < COPIED_LAG_SECONDS);
      return callers.ask(calling);
    };
    const withoutDatabase = async () => {
      line.cut();
      await until(async () => (await status(port)) === 'degraded');
      return callers.ask(calling);
    };
    const contests = await stage.contests([
      {
        work: `Calls decided by an app with a replica, ${CONNECTIONS} connections`,
        contestants: {
          'recorded in the database': withDatabase,
          'without the database, kept in the journal': withoutDatabase,
        },
      },
    ]);
    line.mend();
    await until(async () => (await status(port)) === 'ready');
    const effect = await stage.contests([
      {
        work: 'Changes of assignments',
        contestants: { 'from the commit to the replica': () => changes(databaseUrl, replicaDir, stage) },
      },
    ]);
    const memory = [{ app: 'the app with a replica', started, afterCalls: await app.ask({}) }];
    for (const child of [app, callers]) await child.stop();
    return { contests: [...contests, ...effect], memory };
  } finally {
    line.close();
    await rm(replicaDir, { recursive: true, force: true });
  }
}

/** Blocks and unblocks random diallers, one after the other. The time until another process reads it in the replica. */
async function changes(databaseUrl: string, folder: string, { plan }: Stage): Promise<Figures> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const copy = await Replica.open(folder);
  try {
    const begun = performance.now();
    const latenciesMs: number[] = [];
    for (let index = 0; index < CHANGES; index += 1) {
      const { caller, dials } = callOf(plan.size, (index * 7_919) % activeOrders(plan.size), false);
      const [number, key] = [dials as E164, vault.keyOf(caller)];
      const isBlocked = () => copy.findAssignment(number, key)!.blocked;
      const before = isBlocked();
      await client.query(
        `UPDATE assignments SET blocked_at = CASE WHEN $3 THEN NULL ELSE now() END
         WHERE virtual_number = $1 AND dialler_key = $2`,
        [number, key, before],
      );
      const committed = performance.now();
      while (isBlocked() === before) await sleep(0);
      latenciesMs.push(performance.now() - committed);
      await client.query(`UPDATE assignments SET blocked_at = NULL WHERE virtual_number = $1 AND dialler_key = $2`, [
        number,
        key,
      ]);
    }
    return figuresOf(latenciesMs, (performance.now() - begun) / 1_000);
  } finally {
    await copy.close();
    await client.end();
  }
}

async function status(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return ((await answer.json()) as { status: string }).status;
}

/** Null if the metric has no value. */
async function metric(port: number, name: string): Promise<number | null> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
  const line = (await answer.text()).split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : Number(line.split(' ')[1]);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = performance.now() + WITHIN_MS; !(await isSo()); await sleep(100)) {
    if (performance.now() > giveUpAt) throw new Error(`It took longer than ${WITHIN_MS / 1_000} s.`);
  }
}
