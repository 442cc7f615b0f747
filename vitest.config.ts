import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

import { transform, type Options } from '@swc/core';
import { defineConfig, type Plugin, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8')) as Options;

/** Compiles as the build does: Nest needs the types of constructor parameters at run time. */
const compiledBySwc: Plugin = {
  name: 'swc',
  enforce: 'pre',
  // Modules that were compiled with other options are not taken from the cache.
  configureVitest: ({ experimental_defineCacheKeyGenerator: addToKey }) => addToKey(() => JSON.stringify(swc)),
  async transform(code, id) {
    if (!id.endsWith('.ts')) return null;
    return transform(code, { ...swc, swcrc: false, sourceMaps: true, filename: id });
  },
};

/** Files of tests that mostly wait, for a fault to be noticed or for another process, and about how many seconds they take. */
const WAITING: Readonly<Record<string, number>> = {
  'test/virtual-numbers/replica/replica-faults.test.ts': 75,
  'test/installation/late-database.test.ts': 70,
  'test/telephony/calls/stale-replica.test.ts': 60,
  'test/faults/pgbouncer.test.ts': 55,
  'test/faults/queues/redis.test.ts': 55,
  'test/faults/faults.test.ts': 40,
  'test/faults/killed-process.test.ts': 40,
  'test/faults/queues/postgres.test.ts': 35,
  'test/faults/queues/redis-topologies.test.ts': 30,
  'test/faults/queues/redis-with-replica.test.ts': 30,
  'test/installation/patience.test.ts': 30,
  'test/faults/two-workers.test.ts': 25,
  'test/telephony/exotel/exophones.test.ts': 20,
  'test/faults/failover.test.ts': 15,
  'test/faults/number-release.test.ts': 10,
  'test/platform/database/connections/connections.test.ts': 10,
  'test/telephony/providers/callbacks-in-time.test.ts': 10,
};

/** Other long files of tests, and about how many seconds they take. */
const LONG: Readonly<Record<string, number>> = {
  'test/installation/start.test.ts': 85,
  'test/model/masking.test.ts': 80,
  'test/console/live.test.ts': 50,
  'test/leaks.test.ts': 45,
  'test/simulation/simulation.test.ts': 45,
  'test/installation/crash.test.ts': 40,
  'test/console/playground.test.ts': 35,
  'test/orders/stream/stream.test.ts': 25,
  'test/platform/embedded/embedded-postgres.test.ts': 25,
  'test/console/operator.test.ts': 25,
  'test/installation/settings.test.ts': 20,
  'test/race/race.test.ts': 20,
  'test/exotel-check/exotel-check.test.ts': 20,
  'test/swagger-ui.test.ts': 20,
};

/** About how many seconds any other file takes. */
const SHORT = 3;

/** Tests of steady calls that must not fail. They mostly wait, but among other tests they would get too little. */
const STEADY = [
  'test/faults/{database,recovery,without-database}.test.ts',
  'test/installation/{rolling-restart,upgrade}.test.ts',
];

/** Tests that load the machine, or promise milliseconds that other work beside them would spoil. */
const ALONE = [
  'test/installation/load.test.ts',
  'test/platform/http/{expensive,storm}.test.ts',
  'test/telephony/exotel/small-city.test.ts',
];

/** Not tests, but the program that takes the pictures of docs/console.md: for `npm run screenshots`. */
const PICTURES = process.env['PICTURES'] === undefined ? ['test/console/pictures/**'] : [];

/**
 * Long files first, or the last of them would run while the other processors idle. Those that wait are spread evenly over
 * the time that the others take, so that the processors are busy from beginning to end.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byLength = (await super.sort(files)).toSorted((a, b) => seconds(b) - seconds(a));
    const waiting = byLength.filter((file) => pathOf(file) in WAITING);
    const busy = byLength.filter((file) => !waiting.includes(file));
    const busyWhileOneWaits = sum(busy) / sum(waiting);
    const sorted: TestSpecification[] = [];
    let debt = 0; // seconds of busy files that are to begin before the next one that waits
    for (const file of waiting) {
      sorted.push(file);
      debt += seconds(file) * busyWhileOneWaits;
      while (debt > 0 && busy.length > 0) {
        debt -= seconds(busy[0]!);
        sorted.push(busy.shift()!);
      }
    }
    return [...sorted, ...busy];
  }
}

function pathOf({ project, moduleId }: TestSpecification): string {
  return relative(project.config.root, moduleId);
}

function seconds(file: TestSpecification): number {
  return WAITING[pathOf(file)] ?? LONG[pathOf(file)] ?? SHORT;
}

function sum(files: readonly TestSpecification[]): number {
  return files.reduce((total, file) => total + seconds(file), 0);
}

type ProjectConfig = NonNullable<TestProjectInlineConfiguration['test']>;

/** What all projects share. Not inherited from the root, or each project would start the servers of the tests again. */
const shared = {
  globals: true,
  setupFiles: 'test/support/root-logger.ts',
  pool: 'forks',
  isolate: false, // or each file would load Nest and TypeORM anew, which takes longer than most files' tests
  // Only for tests that hang: on a busy machine, any test may take many times as long. Promises of time are assertions.
  testTimeout: 120_000,
  hookTimeout: 120_000,
} satisfies ProjectConfig;

const project = (name: string, groupOrder: number, options: ProjectConfig) => ({
  plugins: [compiledBySwc],
  esbuild: false as const,
  test: { ...shared, name, sequence: { groupOrder }, ...options },
});

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    sequence: { sequencer: LongFirst },
    experimental: { fsModuleCache: true }, // a module that has not changed is compiled once for all projects and later runs
    projects: [
      project('all', 1, {
        include: ['test/**/*.test.ts'],
        exclude: [...STEADY, ...ALONE, ...PICTURES],
        maxWorkers: 4,
      }),
      project('steady', 2, { include: STEADY, maxWorkers: 3 }),
      project('alone', 3, { include: ALONE, fileParallelism: false }),
    ],
  },
});
