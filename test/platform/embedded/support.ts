import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from 'pg';

import { embeddedSecrets } from '../../../src/platform/embedded/secrets.js';
import { databasesFolder } from '../../support/databases-folder.js';

export const ROOT = process.getuid?.() === 0;
export const PROJECT = join(import.meta.dirname, '..', '..', '..');

/** A user who is not root: `nobody`, or whoever runs the tests. */
export const NORMAL_USER = ROOT ? { uid: 65534, gid: 65534 } : {};

interface Account {
  uid?: number;
  gid?: number;
}

const folders: string[] = [];
const processes: { child: ChildProcess; ended: Promise<unknown> }[] = [];

export async function aFolder({
  owner = {},
  mode = 0o755,
  within = databasesFolder(),
}: { owner?: Account; mode?: number; within?: string } = {}): Promise<string> {
  const folder = await mkdtemp(join(within, 'maskline-embedded-'));
  folders.push(folder);
  await chmod(folder, mode);
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid ?? owner.uid);
  return folder;
}

/** With secrets and a migrated database in it, to spare a test the seconds that making them takes. */
export async function aDataFolder({ owner = {} }: { owner?: Account } = {}): Promise<string> {
  const prepared = process.env['TEST_DATA_FOLDER'];
  if (!prepared)
    throw new Error('TEST_DATA_FOLDER is missing: run the tests through "npm test", whose setup makes it.');
  const folder = await aFolder();
  await embeddedSecrets(folder);
  spawnSync('cp', ['-a', join(prepared, 'postgres'), folder]);
  if (owner.uid !== undefined) spawnSync('chown', ['-R', `${owner.uid}:${owner.gid ?? owner.uid}`, folder]);
  return folder;
}

export async function cleanUp(): Promise<void> {
  for (const { child, ended } of processes.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders.splice(0)) {
    const pidFile = join(folder, 'postgres', 'postmaster.pid');
    const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
    if (pid) quit(pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The application's part with the server, in a process and a session of its own. */
export function maskline(
  dataDir: string,
  options: { as?: Account; leave?: boolean; project?: string; path?: string } = {},
) {
  const { as = {}, leave = false, project = PROJECT, path } = options;
  const program = join(project, 'dist/test/platform/embedded/maskline-process.js');
  const child = spawn(process.execPath, [program, dataDir, ...(leave ? ['leave'] : [])], {
    ...as,
    cwd: '/',
    detached: true,
    env: { PATH: path ?? process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  processes.push({ child, ended });
  return {
    child,
    ended,
    says: async () => JSON.parse(((await lines.next()).value as string | undefined) ?? '{}') as Said,
    ctrlC: () => process.kill(-child.pid!, 'SIGINT'),
  };
}

interface Said {
  database?: string;
  error?: string;
  answers?: number;
}

export async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** By SIGQUIT, upon which PostgreSQL gives its shared memory back. */
function quit(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // it has ended
  }
}
