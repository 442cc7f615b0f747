import { readFileSync } from 'node:fs';

import { transform, type Options } from '@swc/core';
import { defineConfig, type Plugin, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8')) as Options;

/** Compiles as the build does: Nest needs the types of constructor parameters at run time. */
const compiledBySwc: Plugin = {
  name: 'swc',
  enforce: 'pre',
  async transform(code, id) {
    if (!id.endsWith('.ts')) return null;
    return transform(code, { ...swc, swcrc: false, sourceMaps: true, filename: id });
  },
};

/** Tests that mostly wait for seconds, for a fault to be noticed or for another process: folders, and files. */
const WAITING = [
  'test/faults/queues/',
  'test/faults/failover.test.ts',
  'test/faults/faults.test.ts',
  'test/faults/killed-process.test.ts',
  'test/faults/number-release.test.ts',
  'test/faults/pgbouncer.test.ts',
  'test/faults/two-workers.test.ts',
  'test/installation/late-database.test.ts',
  'test/installation/patience.test.ts',
  'test/platform/database/connections/connections.test.ts',
  'test/telephony/exotel/exophones.test.ts',
  'test/telephony/providers/callbacks-in-time.test.ts',
  'test/telephony/calls/stale-replica.test.ts',
  'test/virtual-numbers/replica/replica-faults.test.ts',
];

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

/** Tests of half a minute and more begin first, or the last of them would run while the other processors idle. */
const LONG = [
  'test/model/masking.test.ts',
  'test/installation/start.test.ts',
  'test/platform/embedded/embedded-postgres.test.ts',
  'test/leaks.test.ts',
  'test/simulation/simulation.test.ts',
  'test/installation/crash.test.ts',
  'test/installation/settings.test.ts',
  'test/race/race.test.ts',
  'test/console/playground.test.ts',
];

/** Long tests first; those that wait evenly among the others, so that the processors are busy all the time. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [waiting, others] = apart(sorted, WAITING);
    const busy = apart(others, LONG).flat();
    const eachTime = Math.ceil(busy.length / (waiting.length + 1));
    return [...waiting.flatMap((file) => [file, ...busy.splice(0, eachTime)]), ...busy];
  }
}

/** The files under one of the paths, and the others. */
function apart(files: TestSpecification[], paths: readonly string[]): [TestSpecification[], TestSpecification[]] {
  const isUnder = ({ moduleId }: TestSpecification) => paths.some((path) => moduleId.includes(`/${path}`));
  return [files.filter(isUnder), files.filter((file) => !isUnder(file))];
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
