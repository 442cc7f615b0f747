import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { PROJECT } from '../embedded/support.js';

const inNode = async (program: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: PROJECT })).stdout;

const COMPILED = JSON.stringify(join(PROJECT, 'dist'));
const SHOWN = `
  const { showSourcePositions } = await import(${COMPILED} + '/src/platform/start/source-positions.js');
  const { readTable } = await import(${COMPILED} + '/src/platform/config/setting-table.js');
  const { SETTINGS } = await import(${COMPILED} + '/src/platform/config/settings.js');
  showSourcePositions();`;
const A_WRONG_SETTING = `readTable(SETTINGS, { ROLE: 'nobody' })`;

it('shows the lines of the TypeScript in a stack, and the message before them', async () => {
  const stack = await inNode(`${SHOWN} try { ${A_WRONG_SETTING} } catch (failure) { console.log(failure.stack) }`);
  const [message, first] = stack.split(/\n {4}at /);
  expect(message).toContain('ROLE');
  const [, file, line] = /file:\/\/(\/.*\/src\/platform\/config\/setting-table\.ts):(\d+):\d+/.exec(first!) ?? [];
  expect(file).toBe(join(PROJECT, 'src/platform/config/setting-table.ts'));
  expect((await readFile(file!, 'utf8')).split('\n')[Number(line) - 1]).toContain('throw');
});

it('shows the stack of an error whose message cannot be read', async () => {
  const stack = await inNode(`${SHOWN}
    const unreadable = Object.defineProperty(new Error('no'), 'toString', { value: () => { throw new Error('never') } });
    console.log(unreadable.stack);`);
  expect(stack).toMatch(/^Error\n {4}at /);
});

it('reads a map when a stack of its file is shown, and none of a package', async () => {
  const read = JSON.parse(
    await inNode(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const read = [];
      for (const name of ['readFileSync', 'openSync', 'readFile', 'open']) {
        const real = fs[name];
        fs[name] = (...args) => (read.push(String(args[0])), real(...args));
      }
      syncBuiltinESMExports();
      ${SHOWN}
      await import(${COMPILED} + '/src/installation/maskline.js');
      const before = read.filter((file) => file.endsWith('.map'));
      try { ${A_WRONG_SETTING} } catch (failure) { String(failure.stack) }
      console.log(JSON.stringify({ before, after: read.filter((file) => file.endsWith('.map')) }));`),
  ) as { before: string[]; after: string[] };
  expect(read.before).toEqual([]);
  expect(read.after.map((file) => file.slice(PROJECT.length))).toContain(
    '/dist/src/platform/config/setting-table.js.map',
  );
  expect(read.after.filter((file) => file.includes('node_modules'))).toEqual([]);
});

it.each(['package.json', 'Dockerfile', 'deploy/systemd/maskline@.service', 'deploy/kubernetes/migrate.yaml'])(
  '%s starts it without source maps of Node, which stay in memory',
  async (file) => {
    const text = await readFile(join(PROJECT, file), 'utf8');
    const starts = text.split('\n').filter((line) => /dist\/src\/(main|migrate|demo\/demo)\.js/.test(line));
    expect(starts.length).toBeGreaterThan(0);
    expect(starts.filter((line) => line.includes('source-maps'))).toEqual([]);
  },
);
