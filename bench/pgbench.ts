import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { figuresOf, type Figures } from './latencies.js';

export const HOW_TO_GET_PGBENCH = 'pgbench not found: apt-get install postgresql';

export interface Script {
  readonly text: string;
  /** The weight of this script relative to the others. */
  readonly weight: number;
  /** Whether this script's latency is measured. */
  readonly counts: boolean;
}

export interface Run {
  readonly scripts: readonly Script[];
  readonly variables: Readonly<Record<string, string>>;
  readonly clients: number;
  readonly length: { readonly seconds: number } | { readonly transactionsPerClient: number };
}

/**
 * The path of pgbench; null if it is not found. Debian's own folders come first, because its PATH contains a script
 * that selects a version.
 */
export async function findPgbench(): Promise<string | null> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin'));
  for (const folder of [...newestFirst, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const path = join(folder, 'pgbench');
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Runs scripts as prepared statements over TCP, and reads the latency of every transaction from pgbench's own log. */
export async function runPgbench(program: string, databaseUrl: string, folder: string, run: Run): Promise<Figures> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const workplace = await mkdtemp(join(folder, 'pgbench-'));
  try {
    const files = await Promise.all(
      run.scripts.map(async ({ text, weight }, index) => {
        const file = join(workplace, `${index}.sql`);
        await writeFile(file, text);
        return ['-f', `${file}@${weight}`];
      }),
    );
    const length =
      'seconds' in run.length ? ['-T', Math.ceil(run.length.seconds)] : ['-t', run.length.transactionsPerClient];
    const threads = Math.min(2, run.clients);
    const { stdout, stderr } = await promisify(execFile)(
      program,
      [
        ...['-h', hostname, '-p', port, '-U', username, '-n', '-M', 'prepared'],
        ...['-c', run.clients, '-j', threads, ...length, '-l', `--log-prefix=${join(workplace, 'log')}`],
        ...Object.entries(run.variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        ...files.flat(),
        pathname.slice(1),
      ].map(String),
      { env: { ...process.env, PGPASSWORD: decodeURIComponent(password) }, cwd: workplace, maxBuffer: 2 ** 24 },
    );
    if (/error|abort/.test(stderr)) throw new Error(`pgbench failed: ${stderr}`);
    return await read(workplace, run, stdout);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

async function read(workplace: string, run: Run, stdout: string): Promise<Figures> {
  const logs = (await readdir(workplace)).filter((name) => name.startsWith('log'));
  const text = (await Promise.all(logs.map((name) => readFile(join(workplace, name), 'latin1')))).join('');
  // client, transaction, latency in µs, script, …
  const transactions = text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '));
  const counted = transactions.filter(([, , , script]) => run.scripts[Number(script)]?.counts);
  const [, tps] = /^tps = ([\d.]+)/m.exec(stdout) ?? [];
  if (tps === undefined || counted.length === 0) throw new Error(`pgbench did not say how fast it was:\n${stdout}`);
  const seconds = transactions.length / Number(tps);
  return figuresOf(
    counted.map(([, , us]) => Number(us) / 1000),
    seconds,
  );
}
