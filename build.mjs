/**
 * Compiles the TypeScript that changed since the last build into dist/, and deletes what has lost its source.
 * swc strips the types without checking them, which takes a second; `npm run check` checks them.
 */
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

import { transformFile } from '@swc/core';

/** Of the tests, the programs that run in processes of their own; Vitest compiles the tests themselves. */
const SOURCES = ['src', 'exchange', 'migrations', 'bench', 'simulation', 'test'];
const OUT = 'dist';
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

const isProgram = (file) => file.endsWith('.ts') && !file.endsWith('.test.ts');
const sources = (await Promise.all(SOURCES.map(filesIn))).flat().filter(isProgram);
const compilerChangedAt = Math.max(...(await Promise.all(['.swcrc', 'build.mjs', 'package-lock.json'].map(changedAt))));
await Promise.all(sources.map((source) => compile(source, compilerChangedAt)));

for (const page of PAGES) {
  await mkdir(join(OUT, dirname(page)), { recursive: true });
  await copyFile(page, join(OUT, page));
}

const expected = new Set([
  ...sources.map(compiled).flatMap((target) => [target, `${target}.map`]),
  ...PAGES.map((page) => join(OUT, page)),
]);
const leftOver = (await filesIn(OUT)).filter((file) => !expected.has(file));
await Promise.all(leftOver.map((file) => rm(file)));
