import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '../../src/platform/embedded/free-port.js';
import type { OwnRedis } from './own-redis.js';

/** A sentinel that watches one primary, which it fails over a second after that has died. */
export class OwnSentinel {
  private constructor(
    readonly address: string,
    private readonly folder: string,
    private readonly server: ChildProcess,
  ) {}

  /** @param name of the primary */
  static async start(primary: OwnRedis, name: string, password: string): Promise<OwnSentinel> {
    const folder = await mkdtemp(join(tmpdir(), 'maskline-sentinel-'));
    const port = await freePort('127.0.0.1');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `requirepass "${password}"`,
      `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
    ];
    const file = join(folder, 'sentinel.conf');
    await writeFile(file, `${lines.join('\n')}\n`);
    const server = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
    return new OwnSentinel(`127.0.0.1:${port}`, folder, server);
  }

  async stop(): Promise<void> {
    const gone = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await gone;
    await rm(this.folder, { recursive: true, force: true });
  }
}
