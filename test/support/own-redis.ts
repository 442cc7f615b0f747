import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { freePort } from '../../src/platform/embedded/free-port.js';
import { CalmTime } from './calm-time.js';
import type { Certificates } from './certificates.js';

/** A Redis for one test, without persistence. */
export class OwnRedis {
  private constructor(
    readonly port: number,
    private readonly options: Readonly<Record<string, string>>,
    private server: ChildProcess,
    private readonly tls: Certificates | null,
  ) {}

  /**
   * @param options of redis.conf, in addition to those that disable persistence
   * @param tls the certificates of a server that speaks only TLS
   */
  static async start(
    options: Readonly<Record<string, string>> = {},
    tls: Certificates | null = null,
  ): Promise<OwnRedis> {
    const port = await freePort('127.0.0.1');
    const all = tls === null ? options : { ...options, ...tlsOptions(port, tls) };
    const redis = new OwnRedis(port, all, launch(port, all), tls);
    await redis.answers();
    return redis;
  }

  /** Starts a cluster, whose slots are spread evenly over its nodes. */
  static async startCluster(size: number): Promise<OwnRedis[]> {
    const nodes: OwnRedis[] = [];
    for (let node = 0; node < size; node += 1) {
      const busPort = String(await freePort('127.0.0.1'));
      const file = join(tmpdir(), `maskline-cluster-${busPort}.conf`);
      nodes.push(
        await OwnRedis.start({ 'cluster-enabled': 'yes', 'cluster-port': busPort, 'cluster-config-file': file }),
      );
    }
    const slots = 16_384;
    for (const [index, node] of nodes.entries()) {
      const [from, to] = [index, index + 1].map((place) => Math.round((place * slots) / size));
      await node.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to! - 1));
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      if (index > 0) {
        const { port, options } = nodes[0]!;
        await node.command('CLUSTER', 'MEET', '127.0.0.1', String(port), options['cluster-port']!);
      }
    }
    for (const node of nodes) {
      await node.becomes(async () => {
        const info = String(await node.command('CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`);
      });
    }
    return nodes;
  }

  get url(): string {
    return `${this.tls ? 'rediss' : 'redis'}://${this.address}`;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async command(name: string, ...args: string[]): Promise<unknown> {
    const tls = this.tls ? { tls: { ca: await readFile(this.tls.ca) } } : {};
    const once = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 };
    const client = new Redis(this.url, { ...once, ...tls });
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
    if (this.server.exitCode === null && this.server.signalCode === null) await gone;
    const nodes = this.options['cluster-config-file'];
    if (nodes !== undefined) await rm(nodes, { force: true });
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

function tlsOptions(port: number, { ca, cert, key }: Certificates): Record<string, string> {
  const files = { 'tls-ca-cert-file': ca, 'tls-cert-file': cert, 'tls-key-file': key };
  return { port: '0', 'tls-port': String(port), 'tls-auth-clients': 'no', ...files };
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
