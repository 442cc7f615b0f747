import { readFileSync } from 'node:fs';

import { transform, type Options } from '@swc/core';
import { defineConfig, type Plugin } from 'vitest/config';

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

/** Tests that load the machine, or promise times that other work beside them would spoil. */
const ALONE = [
  'test/faults/{database,queues,recovery}.test.ts',
  'test/platform/http/{expensive,storm}.test.ts',
  'test/telephony/exotel/small-city.test.ts',
];

/** What all projects share. Not inherited from the root, or each project would start the servers of the tests again. */
const shared = {
  globals: true,
  pool: 'forks',
  isolate: false, // or each file would load Nest and TypeORM anew, which takes longer than most files' tests
  testTimeout: 30_000,
  hookTimeout: 30_000,
} as const;

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    projects: [
      {
        plugins: [compiledBySwc],
        esbuild: false,
        test: {
          ...shared,
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [compiledBySwc],
        esbuild: false,
        test: { ...shared, name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
