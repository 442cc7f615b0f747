import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { embeddedSecrets } from '../../../src/platform/embedded/secrets.js';
import { aFolder, cleanUp } from './support.js';

describe('The secrets of a data folder', () => {
  afterEach(cleanUp);

  it('are made once, for their owner only', async () => {
    const dataDir = join(await aFolder(), 'data');
    const all = await Promise.all([embeddedSecrets(dataDir), embeddedSecrets(dataDir), embeddedSecrets(dataDir)]);
    const first = all[0];
    expect([...all, await embeddedSecrets(dataDir)]).toEqual([first, first, first, first]);
    expect(await readdir(dataDir)).toEqual(['secrets.json']);
    expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);

    expect(first.apiKey).toMatch(/^mk_[\w-]{32}$/);
    expect([first.phoneEncryptionKey, first.phoneLookupKey].map((key) => Buffer.from(key, 'base64').length)).toEqual([
      32, 32,
    ]);
    expect(new Set(Object.values(first)).size).toBe(6);
  });

  it.each([
    ['half a file', (text: string) => text.slice(0, 40), 'is not JSON'],
    ['an empty file', () => '', 'is not JSON'],
    ['something else', () => 'null', 'lacks apiKey'],
    ['a key cut short', (text: string) => text.replace(/("phoneLookupKey": ").{8}/, '$1'), 'has a phoneLookupKey'],
  ])('are not made anew over %s', async (_, damage, complaint) => {
    const dataDir = await aFolder();
    await embeddedSecrets(dataDir);
    const path = join(dataDir, 'secrets.json');
    const damaged = damage(await readFile(path, 'utf8'));
    await writeFile(path, damaged);
    await expect(embeddedSecrets(dataDir)).rejects.toThrow(`${path} ${complaint}`);
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });

  it('are not made anew beside a database that was written with them', async () => {
    const dataDir = await aFolder();
    const first = await embeddedSecrets(dataDir);
    await mkdir(join(dataDir, 'postgres'));
    expect(await embeddedSecrets(dataDir)).toEqual(first);
    const path = join(dataDir, 'secrets.json');
    await rm(path);
    await expect(embeddedSecrets(dataDir)).rejects.toThrow(`${path} is missing`);
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});
