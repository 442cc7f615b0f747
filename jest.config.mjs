import { readFileSync } from 'node:fs';
import { URL } from 'node:url';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** Tests that load the machine, or promise times that other work beside them would spoil. */
const ALONE = [
  '/test/faults/(database|queues|recovery)\\.test',
  '/test/platform/http/(expensive|storm)\\.test',
  '/test/telephony/exotel/small-city\\.test',
];

const common = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Its ESM form imports JSON in a way that jest warns of, five lines a test file.
    '^libphonenumber-js/max$': '<rootDir>/node_modules/libphonenumber-js/max/index.cjs',
  },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

export default {
  maxWorkers: 2,
  testTimeout: 30_000, // Jest reads it here only, not from a project
  projects: [
    { ...common, testRegex: '\\.test\\.ts$', testPathIgnorePatterns: ['/node_modules/', ...ALONE] },
    {
      ...common,
      testRegex: ALONE.map((path) => `${path}\\.ts$`),
      runner: '<rootDir>/test/support/alone-runner.mjs',
    },
  ],
};
