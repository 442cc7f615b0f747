/**
 * Compiles the TypeScript that changed since the last build into dist/, and deletes what has lost its source. Builds the
 * web console, if any of its files has changed, into dist/console/.
 * swc strips the types without checking them, which takes a second; `npm run check` checks them.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

import { transformFile } from '@swc/core';

/** Of the tests, the programs that run in processes of their own; Vitest compiles the tests themselves. */
const SOURCES = ['src', 'exchange', 'migrations', 'bench', 'simulation', 'test'];
const OUT = 'dist';
const CONSOLE = 'console';
const CONSOLE_OUT = join(OUT, CONSOLE);
/** The files that the console was built of; written last, so that an interrupted build is done again. */
const BUILT_OF = join(CONSOLE_OUT, '.built-of.json');
/** Pages that the application serves. */
const PAGES = ['docs/problems.md'];

const filesIn = async (folder) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const changedAt = async (file) => (await stat(file).catch(() => null))?.mtimeMs ?? 0;

const compiled = (source) => join(OUT, source.replace(/\.ts$/, '.js'));

async function compile(source, compilerChangedAt) {
  const target = compiled(source);
  if ((await changedAt(target)) > Math.max(await changedAt(source), compilerChangedAt)) return;
  const sourceFileName = relative(dirname(target), source);
  const { code, map } = await transformFile(source, { sourceMaps: true, inlineSourcesContent: false, sourceFileName });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.map`, map);
  await writeFile(target, `${code}\n//# sourceMappingURL=${basename(target)}.map\n`);
}

async function buildConsoleIfChanged() {
  const files = (await filesIn(CONSOLE)).toSorted();
  const builtAt = await changedAt(BUILT_OF);
  const times = await Promise.all([...files, 'build.mjs', 'package-lock.json'].map(changedAt));
  const of = JSON.stringify(files);
  if (times.every((time) => time < builtAt) && (await readFile(BUILT_OF, 'utf8')) === of) return;
  if (!existsSync('node_modules/@mantine/core')) {
    console.warn('The console is not built, because packages are missing: run npm install.');
    return;
  }
  const { buildConsole } = await import('./console/build.mjs'); // loads the bundler only if it is needed
  await buildConsole(CONSOLE_OUT);
  await writeFile(BUILT_OF, of);
}

const isProgram = (file) => file.endsWith('.ts') && !file.endsWith('.test.ts');
const sources = (await Promise.all(SOURCES.map(filesIn))).flat().filter(isProgram);
const compilerChangedAt = Math.max(...(await Promise.all(['.swcrc', 'build.mjs', 'package-lock.json'].map(changedAt))));
await Promise.all([buildConsoleIfChanged(), ...sources.map((source) => compile(source, compilerChangedAt))]);

for (const page of PAGES) {
  await mkdir(join(OUT, dirname(page)), { recursive: true });
  await copyFile(page, join(OUT, page));
}

const expected = new Set([
  ...sources.map(compiled).flatMap((target) => [target, `${target}.map`]),
  ...PAGES.map((page) => join(OUT, page)),
]);
const isOfConsole = (file) => file.startsWith(join(CONSOLE_OUT, '/'));
const leftOver = (await filesIn(OUT)).filter((file) => !expected.has(file) && !isOfConsole(file));
await Promise.all(leftOver.map((file) => rm(file)));
