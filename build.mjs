/**
 * Compiles the TypeScript that changed since the last build into dist/, and deletes what has lost its source. Builds the
 * web console, if any of its files has changed, into dist/console/, and bundles packages into dist/node_modules/.
 * swc strips the types without checking them, which takes a second; `npm run check` checks them.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

import { transformFile } from '@swc/core';

import { bundlePackages, importedPackages } from './bundle-packages.mjs';

/** Of the tests, the programs that run in processes of their own; Vitest compiles the tests themselves. */
const SOURCES = ['src', 'exchange', 'migrations', 'bench', 'simulation', 'test'];
const OUT = 'dist';
const CONSOLE = 'console';
const CONSOLE_OUT = join(OUT, CONSOLE);
/** Node looks for packages here before it looks in node_modules. */
const PACKAGES_OUT = join(OUT, 'node_modules');
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

const builtOf = (folder) => join(folder, '.built-of.json');

/** Whether a folder was built of the same things, and none of the files has changed since. */
async function isBuilt(folder, things, files) {
  const builtAt = await changedAt(builtOf(folder));
  const times = await Promise.all(files.map(changedAt));
  return times.every((time) => time < builtAt) && (await readFile(builtOf(folder), 'utf8')) === JSON.stringify(things);
}

/** Comes last, so that an interrupted build is done again. */
const markBuilt = async (folder, things) => writeFile(builtOf(folder), JSON.stringify(things));

async function buildConsoleIfChanged() {
  const files = (await filesIn(CONSOLE)).toSorted();
  if (await isBuilt(CONSOLE_OUT, files, [...files, 'build.mjs', 'package-lock.json'])) return;
  if (!existsSync('node_modules/@mantine/core')) {
    console.warn('The console is not built, because packages are missing: run npm install.');
    return;
  }
  const { buildConsole } = await import('./console/build.mjs'); // loads the bundler only if it is needed
  await buildConsole(CONSOLE_OUT);
  await markBuilt(CONSOLE_OUT, files);
}

async function bundlePackagesIfChanged(programs) {
  const packages = await importedPackages(programs);
  const installed = 'node_modules/.package-lock.json'; // npm writes it whenever it changes a package
  if (await isBuilt(PACKAGES_OUT, packages, [installed, 'build.mjs', 'bundle-packages.mjs'])) return;
  await bundlePackages(packages, PACKAGES_OUT);
  await markBuilt(PACKAGES_OUT, packages);
}

const isProgram = (file) => file.endsWith('.ts') && !file.endsWith('.test.ts');
const sources = (await Promise.all(SOURCES.map(filesIn))).flat().filter(isProgram);
const programs = sources.map(compiled);
const compilerChangedAt = Math.max(...(await Promise.all(['.swcrc', 'build.mjs', 'package-lock.json'].map(changedAt))));
await Promise.all([buildConsoleIfChanged(), ...sources.map((source) => compile(source, compilerChangedAt))]);
await bundlePackagesIfChanged(programs);

for (const page of PAGES) {
  await mkdir(join(OUT, dirname(page)), { recursive: true });
  await copyFile(page, join(OUT, page));
}

const expected = new Set([
  ...programs.flatMap((program) => [program, `${program}.map`]),
  ...PAGES.map((page) => join(OUT, page)),
]);
const isBuiltWhole = (file) => [CONSOLE_OUT, PACKAGES_OUT].some((folder) => file.startsWith(join(folder, '/')));
const leftOver = (await filesIn(OUT)).filter((file) => !expected.has(file) && !isBuiltWhole(file));
await Promise.all(leftOver.map((file) => rm(file)));
