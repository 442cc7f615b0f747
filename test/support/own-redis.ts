import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { freePort } from '../../src/platform/embedded/free-port.js';
import { CalmTime } from './calm-time.js';

/** A Redis for one test, without persistence. */
export class OwnRedis {
  private constructor(
    private readonly port: number,
    private readonly options: Readonly<Record<string, string>>,
    private server: ChildProcess,
  ) {}

  /** @param options of redis.conf, in addition to those that disable persistence */
  static async start(options: Readonly<Record<string, string>> = {}): Promise<OwnRedis> {
    const port = await freePort('127.0.0.1');
    const redis = new OwnRedis(port, options, launch(port, options));
    await redis.answers();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** Follows another server, and is up to date. */
  async replicate(primary: OwnRedis): Promise<void> {
    await this.command('REPLICAOF', '127.0.0.1', String(primary.port));
    await this.shows('replication', 'master_link_status:up');
  }

  /** Gives its place to its replica, which has everything by then, and follows it: it is read-only from then on. */
  async failOverTo(replica: OwnRedis): Promise<void> {
    await this.command('FAILOVER', 'TO', '127.0.0.1', String(replica.port));
    await replica.shows('replication', 'role:master');
  }

  /** Stops the process; the kernel still accepts connections and bytes for it. */
  freeze(): void {
    this.server.kill('SIGSTOP');
  }

  thaw(): void {
    this.server.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const gone = once(this.server, 'exit');
    this.thaw();
    this.server.kill('SIGKILL');
    await gone;
  }

  /** Restarts at the same address, empty. */
  async startAgain(): Promise<void> {
    this.server = launch(this.port, this.options);
    await this.answers();
  }

  private async answers(): Promise<void> {
    await this.becomes(async () => (await this.command('PING').catch(() => null)) === 'PONG');
  }

  private async shows(section: string, line: string): Promise<void> {
    await this.becomes(async () => String(await this.command('INFO', section)).includes(line));
  }

  private async becomes(isSo: () => Promise<boolean>): Promise<void> {
    for (const waited = new CalmTime(); waited.ms < 60_000; await sleep(50)) if (await isSo()) return;
    throw new Error('The redis-server of the test did not become what it should.');
  }
}

function launch(port: number, more: Readonly<Record<string, string>>): ChildProcess {
  const options = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', 'enable-debug-command': 'yes' };
  // A replica receives its primary's data as a file.
  const replicating = {
    dir: tmpdir(),
    dbfilename: `${port}.rdb`,
    'rdb-del-sync-files': 'yes',
    'repl-diskless-sync-delay': '0',
  };
  const words = Object.entries({ ...options, ...replicating, ...more }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  return spawn('redis-server', words, { stdio: 'ignore' });
}
