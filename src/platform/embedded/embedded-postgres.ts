import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import { boundLog } from './bounded-log.js';
import { DataDirInUse, openDataDir } from './data-dir.js';
import { rememberServer } from './end-at-once.js';
import { freePort } from './free-port.js';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { ServerAccount } from './server-account.js';

/** An embedded PostgreSQL. It keeps running after this process ends unless it is stopped. */
export interface EmbeddedDatabase {
  /** Contains the password. */
  readonly url: string;
  /** Ends every connection and waits until the server has stopped. May be repeated. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
/** In the data folder. */
const LOG_FILE = 'postgres.log';
const USER = 'maskline';
const DATABASE = 'maskline';
/** Inside the database folder, so that the folder and its password appear in one rename and stay together. */
const PASSWORD_FILE = 'superuser.password';
/** Any number that nobody else locks in the database `postgres`. */
const ONE_MASKLINE = 7_242_510_001;
/** Above the highest process id of any system, so that PostgreSQL finds no such process. */
const NO_PROCESS = 4_194_305;
const START_SECONDS = 120;
const STOP_SECONDS = 60;

/**
 * Starts the PostgreSQL that npm installed, with its data in `dataDir/postgres`. Takes over a server that a killed
 * Maskline left running there. The server listens on 127.0.0.1 only, and requires a random password.
 *
 * @param options.flags server settings by name, for example `{ fsync: 'off' }`; a server that is taken over keeps its
 *   own
 * @throws DataDirInUse if another process uses this folder's database
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  flags?: Record<string, string>;
}): Promise<EmbeddedDatabase> {
  const dataDir = await openDataDir(options.dataDir);
  const binaries = await postgresBinaries();
  const folder = join(dataDir, 'postgres');
  const account = await ServerAccount.for(folder, [binaries.folder, dataDir]);
  const server = new Server(dataDir, folder, binaries, account, options.flags ?? {});

  await server.initialise();
  const { port, adopted } = await server.start();
  const url = (database: string) => server.url(port, database);
  let lock: Client;
  try {
    lock = await lockDataDir(url('postgres'), dataDir);
    await createDatabase(url('postgres'));
  } catch (error) {
    if (!adopted && !(error instanceof DataDirInUse)) await server.stop().catch(() => undefined);
    throw error;
  }

  const log = boundLog(join(dataDir, LOG_FILE), null);
  const forget = rememberServer(join(folder, 'postmaster.pid'));
  let stopped: Promise<void> | undefined;
  return {
    url: url(DATABASE),
    // The lock is held until the server has stopped, so that nobody takes over a server that is about to stop.
    stop: () =>
      (stopped ??= server
        .stop()
        .then(forget)
        .finally(log.stop)
        .finally(() => void lock.end().catch(() => undefined))),
  };
}

class Server {
  private password = '';

  constructor(
    private readonly dataDir: string,
    private readonly folder: string,
    private readonly binaries: PostgresBinaries,
    private readonly account: ServerAccount,
    private readonly flags: Record<string, string>,
  ) {}

  url(port: number, database: string): string {
    return `postgres://${USER}:${this.password}@${HOST}:${port}/${database}`;
  }

  /**
   * Creates the database folder under another name and moves it into place when complete. A killed initdb leaves
   * nothing behind.
   */
  async initialise(): Promise<void> {
    await this.removeDeadDrafts();
    if (!(await this.isInitialised())) await this.initialiseBesides();
    this.password = (await readFile(join(this.folder, PASSWORD_FILE), 'utf8')).trim();
  }

  async start(): Promise<{ port: number; adopted: boolean }> {
    for (let attempt = 1; ; attempt += 1) {
      const left = await this.leftRunning();
      if (left !== null) return { port: left, adopted: true };
      const port = await freePort(HOST);
      const failure = await this.startOn(port);
      if (failure === null) return { port, adopted: false };
      // Another process took the port or started this folder's server first; look again.
      const lostRace = /could not bind|lock file "postmaster\.pid" already exists/.test(failure);
      if (!lostRace || attempt === 3) throw new Error(`The embedded PostgreSQL did not start: ${failure}`);
    }
  }

  async stop(): Promise<void> {
    const how = ['stop', '-D', this.folder, '-m', 'fast', '-w', '-t', String(STOP_SECONDS)];
    const { code, output } = await this.account.run(this.binaries.pgCtl, how);
    if (code === 0 || /PID file .* does not exist|No such process/.test(output)) return;
    throw new Error(`The embedded PostgreSQL in ${this.folder} did not stop: ${output.trim()}`);
  }

  private async isInitialised(): Promise<boolean> {
    return stat(join(this.folder, 'PG_VERSION')).then(
      () => true,
      () => false,
    );
  }

  private async initialiseBesides(): Promise<void> {
    const draft = `${this.folder}.new-${process.pid}`;
    const data = join(draft, 'data');
    const password = join(draft, 'password');
    await mkdir(data, { recursive: true, mode: 0o700 });
    await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    for (const path of [draft, data, password]) await this.give(path);

    try {
      await this.initdb(data, password);
      await rename(password, join(data, PASSWORD_FILE));
      await this.publish(data);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  private async initdb(data: string, passwordFile: string): Promise<void> {
    const access = ['-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    // PostgreSQL's built-in C.UTF-8, because some systems have no such locale.
    const locale = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const sync = this.flags['fsync'] === 'off' ? ['--no-sync'] : [];
    const { code, output } = await this.account.run(this.binaries.initdb, ['-D', data, ...access, ...locale, ...sync]);
    if (code !== 0) throw new Error(`No embedded database could be created in ${this.dataDir}: ${output.trim()}`);
  }

  private async publish(data: string): Promise<void> {
    try {
      await rename(data, this.folder);
    } catch (cause) {
      if (await this.isInitialised()) return; // another process has just done the same
      throw new Error(`${this.folder} contains something other than a database: move it, or set DATA_DIR.`, { cause });
    }
  }

  private async removeDeadDrafts(): Promise<void> {
    const prefix = `${basename(this.folder)}.new-`;
    for (const name of await readdir(this.dataDir)) {
      if (!name.startsWith(prefix)) continue;
      const maker = Number(name.slice(prefix.length));
      if (maker !== process.pid && isAlive(maker)) continue;
      await rm(join(this.dataDir, name), { recursive: true, force: true });
    }
  }

  /** Why the server did not start; null if it answers on `port`. */
  private async startOn(port: number): Promise<string | null> {
    const log = join(this.dataDir, LOG_FILE);
    const file = await open(log, 'a', 0o600);
    const { size } = await file.stat().finally(() => file.close());
    await this.give(log);
    await chmod(this.folder, 0o700); // PostgreSQL refuses a folder that a chmod -R has opened

    const settings = {
      max_connections: '200',
      cluster_name: 'maskline',
      wal_level: 'logical', // for the replica of what call decisions read
      ...this.flags,
      port: String(port),
      listen_addresses: HOST,
      unix_socket_directories: '',
    };
    const flags = Object.entries(settings).map(([name, value]) => `-c "${name}=${value}"`);
    const how = ['start', '-D', this.folder, '-l', log, '-w', '-t', String(START_SECONDS), '-o', flags.join(' ')];
    const { code, output } = await this.account.run(this.binaries.pgCtl, how);
    if (code === 0) return null;
    const logged = (await readFile(log)).subarray(size).toString();
    return `${output.trim()}\n${logged.slice(-2000).trim()}`;
  }

  /**
   * The port of the server that a killed process left on this folder; null = none. Waits for a server that is starting
   * or stopping.
   */
  private async leftRunning(): Promise<number | null> {
    let unanswered = 0;
    for (const deadline = Date.now() + START_SECONDS * 1000; Date.now() < deadline; await sleep(100)) {
      const server = await this.pidFile();
      if (server === null || !isAlive(server.pid)) return null;
      const answer = await this.ask(server.port);
      if (answer === 'ours') return server.port;
      if (answer === 'foreign' || (answer === 'nobody' && (unanswered += 1) === 5)) {
        await this.disown();
        return null;
      }
    }
    throw new Error(`A PostgreSQL runs on ${this.folder} but does not answer: stop it, or set DATA_DIR.`);
  }

  /** The first lines of `postmaster.pid`: process, folder, start time, port. */
  private async pidFile(): Promise<{ pid: number; port: number } | null> {
    const text = await readFile(join(this.folder, 'postmaster.pid'), 'utf8').catch(() => null);
    if (text === null) return null;
    const lines = text.split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  }

  /** Who listens on `port`. A copied folder contains our password too, so the server must also report our folder. */
  private async ask(port: number): Promise<'ours' | 'foreign' | 'nobody' | 'busy'> {
    if (!port) return 'nobody';
    const client = connection(this.url(port, 'postgres'));
    try {
      await client.connect();
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      const theirs = await realpath(rows[0]?.data_directory ?? '').catch(() => '');
      return theirs === this.folder ? 'ours' : 'foreign';
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ECONNREFUSED' || /Connection terminated unexpectedly/.test(message)) return 'nobody';
      const startingStoppingOrFull = ['57P03', '57P01', '53300'];
      return startingStoppingOrFull.includes(code ?? '') || /timeout/.test(message) ? 'busy' : 'foreign';
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /**
   * Makes a stale `postmaster.pid` harmless. After a reboot its process id may belong to another program, and
   * PostgreSQL would refuse to start. The file stays, because PostgreSQL uses the rest of it to check that no process
   * of the dead server still has its memory.
   */
  private async disown(): Promise<void> {
    const path = join(this.folder, 'postmaster.pid');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/^\d+/, String(NO_PROCESS)));
  }

  private async give(path: string): Promise<void> {
    if (this.account.owner) await chown(path, this.account.owner.uid, this.account.owner.gid);
  }
}

/** Locks the folder as long as the connection lives. A killed process releases it. */
async function lockDataDir(url: string, dataDir: string): Promise<Client> {
  const client = connection(url);
  await client.connect();
  // A killed process may have a backend that has not noticed yet.
  for (let tries = 0; ; tries += 1) {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [ONE_MASKLINE]);
    if (rows[0]?.held) break;
    if (tries < 10) {
      await sleep(100);
      continue;
    }
    const holder = await lockHolder(client);
    await client.end();
    throw new DataDirInUse(dataDir, holder);
  }
  (client as Client & { unref(): void }).unref(); // must not keep the process alive
  return client;
}

async function lockHolder(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT activity.application_name AS name
     FROM pg_locks AS held JOIN pg_stat_activity AS activity ON activity.pid = held.pid
     WHERE held.locktype = 'advisory' AND held.granted AND (held.classid::bigint << 32) + held.objid::bigint = $1`,
    [ONE_MASKLINE],
  );
  return Number(rows[0]?.name.replace('maskline ', '')) || undefined;
}

async function createDatabase(url: string): Promise<void> {
  const client = connection(url);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function connection(url: string): Client {
  const client = new Client({
    connectionString: url,
    ssl: false,
    application_name: `maskline ${process.pid}`,
    connectionTimeoutMillis: 15_000,
  });
  // The next query reports that the server has gone. Without a listener the event would end the process.
  client.on('error', () => undefined);
  return client;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
