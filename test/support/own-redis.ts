import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { freePort } from '../../src/platform/embedded/free-port.js';

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
    for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await sleep(50)) {
      if ((await this.command('PING').catch(() => null)) === 'PONG') return;
    }
    throw new Error('The redis-server of the test did not start.');
  }
}

function launch(port: number, more: Readonly<Record<string, string>>): ChildProcess {
  const options = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', 'enable-debug-command': 'yes' };
  const words = Object.entries({ ...options, ...more }).flatMap(([name, value]) => [`--${name}`, value]);
  return spawn('redis-server', words, { stdio: 'ignore' });
}
