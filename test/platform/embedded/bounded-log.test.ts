import { once } from 'node:events';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pino } from 'pino';

import { boundLog } from '../../../src/platform/embedded/bounded-log.js';
import { aDataFolder, cleanUp } from './support.js';

afterAll(cleanUp);

it('the log of this process is moved when it is large, and no line is lost', async () => {
  const path = join(await aDataFolder(), 'maskline.log');
  const destination = pino.destination({ dest: path, append: true, sync: false, minLength: 0, mode: 0o600 });
  const ready = async () => once(destination, 'ready');
  await ready();
  const logger = pino({ base: null }, destination);
  const log = boundLog(path, () => destination.reopen(), 1_000);
  for (let line = 0; line < 200; line += 1) {
    logger.info({ line }, 'something happened');
    destination.flushSync();
    if (line === 120) await Promise.all([ready(), log.look()]);
  }
  log.stop();
  const lines = [`${path}.1`, path].map(async (file) => (await readFile(file, 'utf8')).trim().split('\n'));
  const all = (await Promise.all(lines)).flat().map((line) => (JSON.parse(line) as { line: number }).line);
  expect(all.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 200 }, (_, line) => line));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it("another process' log is copied and emptied, and that process goes on at its beginning", async () => {
  const path = join(await aDataFolder(), 'postgres.log');
  await writeFile(path, '');
  const writer = await open(path, 'a');
  const log = boundLog(path, null, 1_000);
  await writer.write('x'.repeat(5_000));
  await log.look();
  await writer.write('after');
  log.stop();
  await writer.close();
  expect((await stat(`${path}.1`)).size).toBe(5_000);
  expect(await readFile(path, 'utf8')).toBe('after');
});
