import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { createDataSource, migrate } from '../src/platform/database/data-source.js';
import { assignments } from './assignments.js';
import { calls } from './calls.js';
import { endedOrders } from './ended-orders.js';
import { events } from './events.js';
import { heldTransaction } from './held-transaction.js';
import { findPgbench, HOW_TO_GET_PGBENCH } from './pgbench.js';
import { QUICK, WHOLE, type Plan } from './plan.js';
import { processes } from './processes.js';
import { Progress } from './progress.js';
import { replica } from './replica.js';
import { asJson, asTable, type Results } from './report.js';
import { Server } from './server.js';
import { Stage } from './stage.js';
import { activeOrders, loadWorld } from './world.js';

const RESULTS_FILE = 'bench-results.json';

type Part = Pick<Results, 'contests'> & Partial<Pick<Results, 'memory' | 'notes'>>;

/** The parts of the benchmark, by name. */
const PARTS: Readonly<Record<string, (stage: Stage) => Promise<Part>>> = {
  calls,
  assignments,
  'held-transaction': heldTransaction,
  events,
  replica,
  'ended-orders': endedOrders,
  processes,
};

async function measure(names: readonly string[], plan: Plan, stage: Stage): Promise<Results> {
  const notes = othersAtWork();
  const results: Part[] = [];
  try {
    stage.progress.say('migrating');
    const dataSource = await createDataSource(stage.databaseUrl).initialize();
    await migrate(dataSource).finally(() => dataSource.destroy());
    await loadWorld(stage.databaseUrl, plan.size, stage.progress);
    for (const name of names) results.push(await PARTS[name]!(stage));
  } finally {
    await stage.clear();
  }
  return {
    activeOrders: activeOrders(plan.size),
    rounds: plan.rounds,
    contests: results.flatMap(({ contests }) => contests),
    memory: results.flatMap((part) => part.memory ?? []),
    notes: [...notes, ...results.flatMap((part) => part.notes ?? [])],
  };
}

/** The number of other busy processes. A single Node process loses more to them than PostgreSQL's sixteen do. */
function othersAtWork(): string[] {
  const [lastMinute] = loadavg();
  const processors = availableParallelism();
  if (lastMinute! < processors / 2) return [];
  return [
    `When it began, others kept the machine busy (load ${lastMinute!.toFixed(1)} on ${processors} processors): don't trust these ratios.`,
  ];
}

async function main(): Promise<void> {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string', default: '' },
      'ended-orders': { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !(name in PARTS));
  if (unknown !== undefined) throw new Error(`There is no ${unknown}; there is ${Object.keys(PARTS).join(', ')}.`);
  const names = Object.keys(PARTS).filter((name) => positionals.length === 0 || positionals.includes(name));

  const progress = new Progress(process.stderr);
  progress.say('starting PostgreSQL');
  const server = await Server.start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.stop().finally(() => process.exit(1)));
  try {
    const usual = options.quick ? QUICK : WHOLE;
    const plan = {
      ...usual,
      rounds: Number(options.rounds ?? usual.rounds),
      endedOrders: Number(options['ended-orders'] ?? usual.endedOrders),
    };
    const pgbench = await findPgbench();
    const measured = await measure(names, plan, new Stage(plan, server, progress, pgbench, options.only));
    const missing = pgbench === null ? [`${HOW_TO_GET_PGBENCH}; its rows are left out.`] : [];
    const results = { ...measured, notes: [...measured.notes, ...missing] };
    progress.clear();
    await writeFile(RESULTS_FILE, asJson(results));
    process.stdout.write(options.json ? asJson(results) : `${asTable(results)}\nAlso in ${RESULTS_FILE}.\n`);
  } finally {
    progress.clear();
    await server.stop();
  }
}

await main();
