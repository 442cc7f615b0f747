import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, constants, open, readFile, realpath, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { DataDirInUse, openDataDir } from './data-dir.js';
import { rememberServer } from './end-at-once.js';
import { freePort, portIsTaken } from './free-port.js';
import { createPrivateFile, readIfThere, replacePrivateFile } from './private-file.js';

/** A Redis of our own, for a machine that has the program but no server. It outlives this process unless stopped. */
export interface EmbeddedRedis {
  /** Holds the password. */
  readonly url: string;
  /** Has it write its data and waits until it has gone. May be called twice. */
  stop(): Promise<void>;
}

/** Where the server is and what it asks for. Kept, so that it can be found again after a crash. */
interface Address {
  readonly port: number;
  readonly password: string;
}

const HOST = '127.0.0.1';
const PROGRAMS = ['redis-server', 'valkey-server'];
/** The name of the connection that marks a server as somebody's. */
const OWNER = 'maskline-owner';
const START_MS = 60_000;
const STOP_MS = 30_000;

/**
 * Starts the Redis or Valkey that is on the PATH, its data in `dataDir/redis`, or takes over the one that a killed
 * Maskline left running there. It listens on 127.0.0.1 only and asks everybody for a random password.
 *
 * @returns null when neither program is on the PATH
 * @throws DataDirInUse while another process has this folder's Redis open
 */
export async function startEmbeddedRedis(options: { dataDir: string }): Promise<EmbeddedRedis | null> {
  const program = await onPath(PROGRAMS);
  if (program === null) return null;
  const dataDir = await openDataDir(options.dataDir);
  const folder = await openDataDir(join(dataDir, 'redis'), 0o700);
  const log = join(dataDir, 'redis.log');

  const address = await startOrAdopt(program, folder, log);
  const owner = connect(address);
  await owner.connect();
  await own(owner, dataDir);
  owner.stream.unref(); // waiting for nothing, it must not keep a finished process alive

  const forget = rememberServer({ pidFile: join(folder, 'redis.pid'), signal: 'SIGTERM' });
  let stopped: Promise<void> | undefined;
  return {
    url: `redis://:${address.password}@${HOST}:${address.port}`,
    stop: () => (stopped ??= stop(owner, folder).then(forget)),
  };
}

async function startOrAdopt(program: string, folder: string, log: string): Promise<Address> {
  const kept = join(folder, 'address.json');
  for (let attempt = 1; ; attempt += 1) {
    const address = await keptAddress(kept);
    if (await answersWhileTaken(address, folder)) return address;
    if (await portIsTaken(address.port, HOST)) {
      await replacePrivateFile(kept, JSON.stringify({ ...address, port: await freePort(HOST) }));
      continue;
    }
    const failure = await start(program, address, folder, log);
    if (failure === null) return address;
    // Two starters use the same kept port, so only one of them gets to the data; the other finds its server.
    if (!/Address already in use/i.test(failure) || attempt >= 3) {
      throw new Error(`The embedded Redis (${program}) did not start: ${failure}`);
    }
  }
}

/** Looks more than once: whoever has the port may be our server, started this instant by another process. */
async function answersWhileTaken(address: Address, folder: string): Promise<boolean> {
  for (let look = 1; look <= 5 && (await portIsTaken(address.port, HOST)); look += 1) {
    if (await answers(address, folder)) return true;
    await sleep(100);
  }
  return false;
}

/** What went wrong, or null when the server answers. */
async function start(program: string, address: Address, folder: string, log: string): Promise<string | null> {
  const file = await open(log, 'a', 0o600);
  const { size } = await file.stat();
  const { uid, gid } = await stat(folder);
  const identity = process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : {};
  // A session of its own: a Ctrl-C in the terminal reaches us, who still have work to put into the queues.
  const child = spawn(program, ['-'], { ...identity, cwd: folder, detached: true, stdio: ['pipe', file.fd, file.fd] });
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? code}`));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(configuration(address)); // not on the command line, which everybody may read
  child.unref();
  await file.close();

  for (const deadline = Date.now() + START_MS; ended === undefined; await sleep(20)) {
    if (await answers(address, folder)) return null;
    if (Date.now() < deadline) continue;
    child.kill('SIGKILL');
    ended = `it did not answer within ${START_MS / 1000} s`;
  }
  const logged = (await readFile(log)).subarray(size).toString();
  return `${ended}\n${logged.slice(-2000).trim()}`;
}

function configuration({ port, password }: Address): string {
  return [
    `port ${port}`,
    `bind ${HOST}`,
    `requirepass ${password}`,
    'dir ./', // the working directory, as a path in here would have to be quoted
    'pidfile redis.pid',
    'appendonly yes',
    'save ""',
    'maxmemory-policy noeviction', // BullMQ loses jobs otherwise
    'daemonize no',
    '',
  ].join('\n');
}

/** Whether the server at this address is the one of this folder; waits while it loads its data. */
async function answers(address: Address, folder: string): Promise<boolean> {
  const client = connect(address);
  try {
    await client.connect();
    for (const deadline = Date.now() + START_MS; ; await sleep(100)) {
      const loading = await client.ping().then(
        () => false,
        (error: Error) => {
          if (/^(LOADING|BUSY)/.test(error.message) && Date.now() < deadline) return true;
          throw error;
        },
      );
      if (!loading) break;
    }
    const [, dir] = (await client.config('GET', 'dir')) as string[];
    return (await realpath(dir ?? '')) === folder;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/**
 * Marks the server as ours by a connection that lives as long as we do. Of two who try at once, the one with the lower
 * client id, which is the order of connecting, has it.
 */
async function own(owner: Redis, dataDir: string): Promise<void> {
  await owner.client('SETNAME', OWNER);
  const me = await owner.client('ID');
  // A process killed a moment ago may still have a connection that Redis has not noticed.
  for (let tries = 0; ; tries += 1) {
    const list = (await owner.client('LIST')) as string;
    const owners = [...list.matchAll(/^id=(\d+) .*\bname=maskline-owner /gm)].map(([, id]) => Number(id));
    if (Math.min(...owners) === me) return;
    if (tries === 10) break;
    await sleep(100);
  }
  owner.disconnect();
  throw new DataDirInUse(dataDir);
}

async function stop(owner: Redis, folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, 'redis.pid'), 'utf8').catch(() => ''));
  const refusal = await owner.shutdown().then(
    () => null,
    (error: Error) => (/^(ERR|MISCONF|NOPERM)/.test(error.message) ? error : null),
  );
  owner.disconnect();
  if (refusal) throw new Error(`The embedded Redis in ${folder} did not stop: ${refusal.message}`, { cause: refusal });
  for (const deadline = Date.now() + STOP_MS; await isLeft(pid, folder); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`The embedded Redis in ${folder} (process ${pid}) did not stop.`);
  }
}

/** Redis removes its pid file as the last thing; the process itself may stay on as a zombie where nobody collects it. */
async function isLeft(pid: number, folder: string): Promise<boolean> {
  const marked = await access(join(folder, 'redis.pid')).then(
    () => true,
    () => false,
  );
  if (!marked || !pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Made once; of two who make it at once, the second reads what the first wrote. */
async function keptAddress(path: string): Promise<Address> {
  if ((await readIfThere(path)) === null) {
    const made = { port: await freePort(HOST), password: randomBytes(24).toString('base64url') };
    await createPrivateFile(path, JSON.stringify(made));
  }
  try {
    return JSON.parse((await readIfThere(path)) ?? '') as Address;
  } catch {
    throw new Error(`${path} is not JSON: end any redis-server that runs in its folder, then delete the file.`);
  }
}

function connect({ port, password }: Address): Redis {
  const client = new Redis({
    host: HOST,
    port,
    password,
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 10_000,
    disconnectTimeout: 100, // a timer that outlives even a connection which the server has closed
    retryStrategy: () => null,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined); // told to whoever sends the next command
  return client;
}

async function onPath(programs: readonly string[]): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const program of programs) {
      const path = join(folder, program);
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (folder !== '' && runs) return path;
    }
  }
  return null;
}
