import { join } from 'node:path';

import type { AppEnvironment } from './application.js';
import { Child } from './child.js';
import type { Figures } from './latencies.js';
import { runPgbench, type Run } from './pgbench.js';
import type { Plan } from './plan.js';
import type { Progress } from './progress.js';
import type { Contest } from './report.js';
import type { Server } from './server.js';

/** Several implementations of the same work, by name. Each is measured by calling it. */
export type Contestants = Readonly<Record<string, () => Promise<Figures>>>;

/** What every part of the benchmark uses: the loaded database, processes, and rounds. */
export class Stage {
  private readonly children: Child<never, unknown>[] = [];

  constructor(
    readonly plan: Plan,
    private readonly server: Server,
    readonly progress: Progress,
    private readonly pgbench: string | null,
    private readonly only: string,
  ) {}

  /** Another one after each restart. */
  get databaseUrl(): string {
    return this.server.url;
  }

  /** Where the database is. */
  get folder(): string {
    return this.server.folder;
  }

  /** Ends every process, and starts PostgreSQL again with these settings, or with the default ones. */
  async restart(flags: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.clear();
    await this.server.restart(flags);
  }

  /**
   * Runs rounds in which all contestants of all contests take turns, so that anything that slows the machine affects
   * all of them. Leaves out those whose description does not contain the text that was asked for.
   */
  async contests(
    described: readonly { work: string; expected?: number; contestants: Contestants }[],
    rounds = this.plan.rounds,
  ): Promise<Contest[]> {
    const contests = described.filter(({ work }) => work.includes(this.only));
    const all = contests.map(({ contestants, ...rest }) => ({
      ...rest,
      contestants: Object.entries(contestants).map(([name, measure]) => ({ name, measure, rounds: [] as Figures[] })),
    }));
    const turns = all.flatMap(({ work, contestants }) => contestants.map((contestant) => ({ work, ...contestant })));
    for (let round = 0; round < rounds; round += 1) {
      for (const [turn, { work, name, measure, rounds: measured }] of turns.entries()) {
        this.progress.show(`${work}: ${name}`, round * turns.length + turn, rounds * turns.length);
        measured.push(await measure());
      }
    }
    return all;
  }

  /** No contestant if pgbench is missing. */
  inPgbench(
    run: Run,
    around: (measure: () => Promise<Figures>) => Promise<Figures> = (measure) => measure(),
  ): Contestants {
    const { pgbench, databaseUrl, folder } = this;
    return pgbench === null ? {} : { pgbench: () => around(() => runPgbench(pgbench, databaseUrl, folder, run)) };
  }

  appEnvironment(name: string, role: AppEnvironment['role'] = 'api'): AppEnvironment {
    return { databaseUrl: this.databaseUrl, logFile: join(this.folder, `${name}.log`), role };
  }

  async start<Ready, Question, Answer>(file: string, environment: object): Promise<[Child<Question, Answer>, Ready]> {
    this.progress.say(`starting ${file.slice(2, -3)}`);
    const started = await Child.start<Ready, Question, Answer>(file, environment);
    this.children.push(started[0]);
    return started;
  }

  async clear(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
  }
}
