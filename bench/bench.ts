import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Client } from 'pg';

import { createDataSource, migrate } from '../src/platform/database/data-source.js';
import { startEmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.js';
import type { AppReady, Memory } from './app-process.js';
import type { AppEnvironment } from './application.js';
import type { Assigning } from './assigning-process.js';
import type { BareEnvironment } from './bare-process.js';
import type { Calling, CallersEnvironment } from './callers-process.js';
import { Child } from './child.js';
import type { Figures } from './latencies.js';
import { findPgbench, HOW_TO_GET_PGBENCH, runPgbench, type Run } from './pgbench.js';
import { Progress } from './progress.js';
import { asJson, asTable, type Contest, type Results } from './report.js';
import { assignments, decisions } from './scripts.js';
import { countAssigned, HOOK_SECRET, loadWorld, undoAssignments, type WorldSize } from './world.js';

/** How much of everything. */
interface Plan {
  readonly size: WorldSize;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

const WHOLE: Plan = {
  size: { orders: 100_000, agents: 20_000, freeNumbers: 30_000, placedOrders: 4_800 },
  rounds: 3,
  seconds: 4,
  warmUpSeconds: 3,
};

/** Only whether all of it works: its figures are too short to tell anything. */
const QUICK: Plan = {
  size: { orders: 5_000, agents: 1_000, freeNumbers: 5_000, placedOrders: 480 },
  rounds: 1,
  seconds: 1,
  warmUpSeconds: 1,
};

const HTTP_CONNECTIONS = 32;
/** As many as the application opens to the database; so many clients has pgbench, and assignments are in flight. */
const DATABASE_CONNECTIONS = 16;

const EXPECTED_DECISIONS = 0.7;
const EXPECTED_ASSIGNMENTS = 0.5;
const RESULTS_FILE = 'bench-results.json';

type Contestants = Record<string, () => Promise<Figures>>;

class Bench {
  private readonly children: Child<never, unknown>[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly folder: string,
    private readonly databaseUrl: string,
    private readonly pgbench: string | null,
    private readonly progress: Progress,
  ) {}

  async run(): Promise<Results> {
    const { size, rounds } = this.plan;
    const busy = othersAtWork();
    try {
      await this.prepare();
      const { contests, memory } = await this.decide();
      const assigning = await this.assign();
      return {
        orders: size.orders,
        connections: HTTP_CONNECTIONS,
        rounds,
        contests: [...contests, assigning],
        memory,
        notes: [...busy, ...(this.pgbench === null ? [`${HOW_TO_GET_PGBENCH}; its rows are left out.`] : [])],
      };
    } finally {
      await Promise.all(this.children.map((child) => child.stop()));
    }
  }

  private async prepare(): Promise<void> {
    this.progress.say('migrating');
    const dataSource = await createDataSource(this.databaseUrl).initialize();
    await migrate(dataSource).finally(() => dataSource.destroy());
    await loadWorld(this.databaseUrl, this.plan.size, this.progress);
  }

  private async decide(): Promise<{ contests: Contest[]; memory: Results['memory'] }> {
    const { databaseUrl, plan } = this;
    const [app, { port: appPort }] = await this.startApp();
    const started = await app.ask({});
    const [bare, { port: barePort }] = await this.start<AppReady, never, object>('./bare-process.js', {
      databaseUrl,
      connections: DATABASE_CONNECTIONS,
    } satisfies BareEnvironment);
    const [callers] = await this.start<object, Calling, Figures>('./callers-process.js', {
      size: plan.size,
    } satisfies CallersEnvironment);

    const connections = HTTP_CONNECTIONS;
    const hook = { port: appPort, path: `/hooks/exotel/${HOOK_SECRET}/connect`, bare: false, connections };
    const barely = (path: string) => ({ port: barePort, path, bare: true, connections });
    const [recorded, lookedUp] = await Promise.all(
      [true, false].map((recorded) =>
        decisions(databaseUrl, { recorded, clients: DATABASE_CONNECTIONS, seconds: plan.seconds }),
      ),
    );
    for (const calling of [hook, barely('/recorded'), barely('/looked-up')]) {
      this.progress.say('warming up');
      await callers.ask({ ...calling, seconds: plan.warmUpSeconds });
    }
    const call = (calling: Omit<Calling, 'seconds'>) => () => callers.ask({ ...calling, seconds: plan.seconds });
    const contests = await this.contests([
      {
        work: 'Calls decided and recorded',
        expected: EXPECTED_DECISIONS,
        contestants: {
          'the app, GET /hooks/exotel/…/connect': call(hook),
          'bare Fastify + pg': call(barely('/recorded')),
          ...this.inPgbench(recorded!),
        },
      },
      {
        work: 'Calls looked up, not recorded',
        contestants: { 'bare Fastify + pg': call(barely('/looked-up')), ...this.inPgbench(lookedUp!) },
      },
    ]);
    const memory = { started, afterLoad: await app.ask({}) };
    for (const child of [app, bare, callers]) await child.stop();
    return { contests, memory };
  }

  private async assign(): Promise<Contest> {
    const { databaseUrl, plan } = this;
    const orders = plan.size.placedOrders;
    const environment: AppEnvironment = { databaseUrl, logFile: join(this.folder, 'assigning.log') };
    const [service] = await this.start<object, Assigning, Figures>('./assigning-process.js', environment);
    const inService = () => service.ask({ orders, inFlight: DATABASE_CONNECTIONS });
    const script = await assignments(databaseUrl, { orders, clients: DATABASE_CONNECTIONS });

    this.progress.say('warming up');
    await this.assignAll(inService);
    const contestants = { 'the service, assignAgent': inService, ...this.inPgbench(script) };
    const counted = Object.entries(contestants).map(([name, one]) => [name, () => this.assignAll(one)] as const);
    const [contest] = await this.contests([
      { work: 'Agents assigned', expected: EXPECTED_ASSIGNMENTS, contestants: Object.fromEntries(counted) },
    ]);
    await service.stop();
    return contest!;
  }

  /** Lets one contestant assign all orders placed, makes sure that it did, and undoes it. */
  private async assignAll(contestant: () => Promise<Figures>): Promise<Figures> {
    const figures = await contestant();
    const client = new Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      const assigned = await countAssigned(client);
      if (assigned !== this.plan.size.placedOrders) throw new Error(`Only ${assigned} orders were assigned.`);
      await undoAssignments(client);
    } finally {
      await client.end();
    }
    return figures;
  }

  /** Rounds in which all contestants of all contests take their turns, so that whatever slows the machine slows them alike. */
  private async contests(
    contests: readonly { work: string; expected?: number; contestants: Contestants }[],
  ): Promise<Contest[]> {
    const all = contests.map(({ contestants, ...rest }) => ({
      ...rest,
      contestants: Object.entries(contestants).map(([name, measure]) => ({ name, measure, rounds: [] as Figures[] })),
    }));
    const turns = all.flatMap(({ work, contestants }) => contestants.map((contestant) => ({ work, ...contestant })));
    for (let round = 0; round < this.plan.rounds; round += 1) {
      for (const [turn, { work, name, measure, rounds }] of turns.entries()) {
        this.progress.show(`${work}: ${name}`, round * turns.length + turn, this.plan.rounds * turns.length);
        rounds.push(await measure());
      }
    }
    return all;
  }

  private inPgbench(run: Run): Contestants {
    const { pgbench, databaseUrl, folder } = this;
    return pgbench === null ? {} : { pgbench: () => runPgbench(pgbench, databaseUrl, folder, run) };
  }

  private startApp(): Promise<[Child<object, Memory>, AppReady]> {
    const environment: AppEnvironment = { databaseUrl: this.databaseUrl, logFile: join(this.folder, 'app.log') };
    return this.start<AppReady, object, Memory>('./app-process.js', environment);
  }

  private async start<Ready, Question, Answer>(
    file: string,
    environment: object,
  ): Promise<[Child<Question, Answer>, Ready]> {
    this.progress.say(`starting ${file.slice(2, -3)}`);
    const started = await Child.start<Ready, Question, Answer>(file, environment);
    this.children.push(started[0]);
    return started;
  }
}

/** Processes compete by their number: one Node among many others loses more than PostgreSQL's sixteen do. */
function othersAtWork(): string[] {
  const [lastMinute] = loadavg();
  const processors = availableParallelism();
  if (lastMinute! < processors / 2) return [];
  return [
    `When it began, others kept the machine busy (load ${lastMinute!.toFixed(1)} on ${processors} processors): don't trust these ratios.`,
  ];
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  });
  const progress = new Progress(process.stderr.isTTY ? process.stderr : null);
  progress.say('starting PostgreSQL');
  const folder = await mkdtemp(join(tmpdir(), 'maskline-bench-'));
  await chmod(folder, 0o755); // PostgreSQL may run as another user
  const database = await startEmbeddedPostgres({ dataDir: folder });
  const cleanUp = async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  try {
    const plan = options.quick ? QUICK : WHOLE;
    const results = await new Bench(plan, folder, database.url, await findPgbench(), progress).run();
    progress.clear();
    await writeFile(RESULTS_FILE, asJson(results));
    process.stdout.write(options.json ? asJson(results) : `${asTable(results)}\nAlso in ${RESULTS_FILE}.\n`);
  } finally {
    progress.clear();
    await cleanUp();
  }
}

await main();
