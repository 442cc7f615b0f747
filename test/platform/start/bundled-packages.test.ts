import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { PROJECT } from '../embedded/support.js';

/** Writes the URL of each file that is loaded: of ES modules as they come, of CommonJS in the end. */
const LOAD = `
  import { createRequire, register } from 'node:module';
  import { pathToFileURL } from 'node:url';
  const hooks = 'import { writeSync } from "node:fs";' +
    'export const load = (url, context, next) => { writeSync(1, url + "\\\\n"); return next(url, context); };';
  register('data:text/javascript,' + encodeURIComponent(hooks));
  await import(process.argv[1]);
  for (const file of Object.keys(createRequire(process.argv[1]).cache)) console.log(pathToFileURL(file).href);`;

async function loadedBy(program: string): Promise<string[]> {
  const url = pathToFileURL(join(PROJECT, 'dist', program)).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', LOAD, url]);
  return stdout.split('\n').filter((line) => line.startsWith('file:'));
}

/** Which need nothing of the bundle: zod, and the native part of msgpackr. */
const APART = ['zod', '@msgpackr-extract', 'detect-libc', 'msgpackr-extract', 'node-gyp-build-optional-packages'];

it('loads the packages of a process from the bundle alone, so none of them a second time', async () => {
  const loaded = await loadedBy('src/installation/maskline.js');
  expect(loaded.some((url) => url.endsWith('/dist/node_modules/.bundle/packages.mjs'))).toBe(true);
  const ofPackages = loaded.filter((url) => url.includes('/node_modules/') && !url.includes('/dist/node_modules/'));
  const names = ofPackages.map((url) => url.split('/node_modules/').at(-1)!.split('/')[0]!);
  expect(names.filter((name) => !APART.includes(name))).toEqual([]);
});

it('loads no bundle to report a wrong setting', async () => {
  const loaded = await loadedBy('src/installation/settings.js');
  expect(loaded.filter((url) => url.includes('/dist/node_modules/'))).toEqual([]);
});

it('has a bundle of ASCII, which V8 keeps in one byte a character', async () => {
  const bundle = await readFile(join(PROJECT, 'dist/node_modules/.bundle/packages.mjs'));
  expect(bundle.findIndex((byte) => byte > 0x7f)).toBe(-1);
});

it.each(['@nestjs/common', '@nestjs/core', 'bullmq', 'nestjs-pino', 'typeorm'])(
  'names the classes of %s as the package does, for Nest and the log',
  async (specifier) => {
    const { name, exports } = JSON.parse(
      await readFile(join(PROJECT, 'dist/node_modules', specifier, 'package.json'), 'utf8'),
    ) as { name: string; exports: { '.': string } };
    const bundled = (await import(join(PROJECT, 'dist/node_modules', name, exports['.']))) as Record<string, unknown>;
    const own = (await import(specifier)) as Record<string, unknown>;
    const namesIn = (from: Record<string, unknown>) =>
      Object.keys(bundled)
        .filter((key) => /^class\b/.test(String(own[key])))
        .map((key) => [key, (from[key] as { name: string }).name]);
    expect(namesIn(bundled).length).toBeGreaterThan(3);
    expect(namesIn(bundled)).toEqual(namesIn(own));
  },
);
