import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

import { MUTANTS } from './mutants.mjs';

/**
 * Takes away, one at a time, what the service rests on, and says which tests notice: `npm run mutate`, or
 * `npm run mutate -- lock quarantine` for the mutants whose names have one of these words. Fails when a mutant survives.
 *
 * Works on a copy of the tree in the temporary folder, so that the checkout stays as it is whatever happens.
 */
const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The packages are linked, and the rest is made again. */
const NOT_COPIED = ['node_modules', 'dist', 'data', 'coverage', '.git'];
const TESTS = [
  ['picking', 'test/virtual-numbers/assignments/take-number'],
  ['assigning', 'test/virtual-numbers/assignments/assignments'],
  ['constraints', 'test/migrations/constraints'],
  ['due', 'test/orders/lifecycle/orders-due'],
  ['calls', 'test/telephony/calls/call-routing'],
  ['model', 'test/model/'],
  ['race', 'test/race/'],
  ['restore', 'test/orders/restoration/restore-drill'],
];
const ENVIRONMENT = {
  MODEL_RUNS: '2000',
  MODEL_SHRINK: 'no',
  RACE_SECONDS: '8',
};

const words = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const copy = await mkdtemp(join(tmpdir(), 'maskline-mutants-'));
let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    process.exitCode = 1;
    chosen.length = 0;
    running?.kill('SIGINT'); // then Vitest ends its servers, and the copy is cleared away below
  });
}

try {
  await cp(PROJECT, copy, {
    recursive: true,
    filter: (path) => !NOT_COPIED.includes(relative(PROJECT, path)),
  });
  await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));

  const name = (text) => text.padEnd(Math.max(...chosen.map((mutant) => mutant.name.length), 30));
  const row = (text, cells, seconds) =>
    console.log(
      [name(text), ...cells.map((cell, at) => String(cell).padStart(TESTS[at][0].length)), seconds].join('  '),
    );

  row(
    'failed tests of',
    TESTS.map(([what]) => what),
    '    s',
  );
  const untouched = await runTests();
  row('nothing taken away', counts(untouched), untouched.seconds);
  if (untouched.failed.length > 0)
    throw new Error(`These fail by themselves:\n${untouched.failed.map(({ why }) => why).join('\n')}`);

  const caught = [];
  const survivors = [];
  for (const mutant of [...chosen]) {
    if (process.exitCode === 1) break;
    const result = await withMutant(mutant, runTests);
    row(mutant.name, counts(result), result.seconds);
    if (result.failed.length === 0) survivors.push(mutant.name);
    caught.push([mutant.name, result.failed]);
  }
  for (const [mutant, failed] of caught) console.log(`\n${mutant}\n${lines(failed)}`);
  console.log(survivors.length === 0 ? '\nNone survived.' : `\nSurvived: ${survivors.join('; ')}`);
  if (survivors.length > 0) process.exitCode = 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function withMutant({ name, edits }, work) {
  const before = new Map();
  try {
    for (const { file, from, to } of edits) {
      const path = join(copy, file);
      const text = await readFile(path, 'utf8');
      if (!before.has(path)) before.set(path, text);
      if (text.split(from).length !== 2)
        throw new Error(`Mutant "${name}": what it takes away is not once in ${file}.`);
      await writeFile(
        path,
        text.replace(from, () => to),
      );
    }
    return await work();
  } finally {
    for (const [path, text] of before) await writeFile(path, text);
  }
}

/** Which tests fail. One that cannot even be compiled is no catch, and thrown. */
async function runTests() {
  const began = performance.now();
  const results = join(copy, 'results.json');
  await rm(results, { force: true });
  await build(); // for the processes that tests start
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const patterns = TESTS.map(([, path]) => path);
  running = spawn(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${results}`, ...patterns], {
    cwd: copy,
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  running.stderr.on('data', (chunk) => (said += chunk));
  await new Promise((resolve) => running.once('close', resolve));
  const text = await readFile(results, 'utf8').catch(() => null);
  if (text === null) throw new Error(`The tests did not run:\n${said}`);
  const { testResults } = JSON.parse(text);
  const failed = testResults.flatMap(({ name, message, assertionResults }) => {
    if (assertionResults.length === 0) throw new Error(`${basename(name)} did not run:\n${message}`);
    const path = name.slice(name.indexOf('/test/') + 1);
    return assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => ({ path, fullName, why: `${fullName}\n${failureMessages.join('\n')}` }));
  });
  return { failed, seconds: String(Math.round((performance.now() - began) / 1000)).padStart(5) };
}

async function build() {
  const building = spawn(process.execPath, ['build.mjs'], { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(building, 'close');
  if (code !== 0) throw new Error('The copy cannot be built.');
}

function counts({ failed }) {
  return TESTS.map(([, path]) => failed.filter((test) => test.path.startsWith(path)).length || '·');
}

function lines(failed) {
  const shown = failed.slice(0, 6).map(({ path, fullName }) => `  ${path}: ${fullName}`);
  if (failed.length > shown.length) shown.push(`  and ${failed.length - shown.length} more`);
  return shown.join('\n');
}
