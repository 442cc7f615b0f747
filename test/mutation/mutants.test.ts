import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { MUTANTS } from './mutants.mjs';

const root = join(import.meta.dirname, '../..');

it.each(MUTANTS)('the mutant "$name" fits the source: each text that it replaces stands there once', ({ edits }) => {
  for (const { file, from } of edits) {
    expect([file, readFileSync(join(root, file), 'utf8').split(from).length - 1]).toEqual([file, 1]);
  }
});
