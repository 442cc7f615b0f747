import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import { freePort } from '../../src/platform/embedded/free-port.js';
import { CalmTime } from './calm-time.js';

/** The user `nobody` of every Linux: PgBouncer refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Tests that need PgBouncer, which npm cannot install. On a machine without it they are left out; CI installs it. */
export const describeWithPgBouncer = describe.runIf(!!process.env['TEST_PGBOUNCER']);

/** Whether the PgBouncer of this machine supports named statements in transaction mode, by default from 1.24. */
export function supportsNamedStatements(): boolean {
  const said = execFileSync(process.env['TEST_PGBOUNCER']!, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(said)!.map(Number);
  return major! > 1 || minor! >= 24;
}

/** A PgBouncer in front of one database, for one test file. */
export class OwnPgBouncer {
  private constructor(
    private readonly folder: string,
    readonly url: string,
    private server: ChildProcess,
  ) {}

  static async start(databaseUrl: string, mode: 'session' | 'transaction'): Promise<OwnPgBouncer> {
    const folder = await mkdtemp(join(tmpdir(), 'maskline-pgbouncer-'));
    await chmod(folder, 0o755);
    const { username, password, hostname, port: serverPort, pathname } = new URL(databaseUrl);
    const port = await freePort('127.0.0.1');
    const settings = {
      listen_addr: '127.0.0.1',
      listen_port: port,
      unix_socket_dir: '',
      auth_type: 'scram-sha-256',
      auth_file: join(folder, 'users'),
      pool_mode: mode,
      default_pool_size: 40,
      max_client_conn: 200,
      server_login_retry: 1,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    const database = `maskline = host=${hostname} port=${serverPort} dbname=${pathname.slice(1)}`;
    await writeFile(join(folder, 'users'), `"${username}" "${decodeURIComponent(password)}"\n`);
    await writeFile(join(folder, 'ini'), ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'));
    const url = `postgres://${username}:${password}@127.0.0.1:${port}/maskline`;
    const bouncer = new OwnPgBouncer(folder, url, launch(folder));
    await bouncer.answers();
    return bouncer;
  }

  /** Stops the process; the kernel still accepts connections and bytes for it. */
  freeze(): void {
    this.server.kill('SIGSTOP');
  }

  thaw(): void {
    this.server.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const gone = once(this.server, 'exit');
    this.thaw();
    this.server.kill('SIGKILL');
    await gone;
  }

  /** Restarts at the same address. */
  async startAgain(): Promise<void> {
    this.server = launch(this.folder);
    await this.answers();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a statement on one of the connections to the database. */
  async query(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async answers(): Promise<void> {
    for (const waited = new CalmTime(); waited.ms < 30_000; await sleep(50)) {
      if (await this.query('SELECT 1').catch(() => null)) return;
    }
    throw new Error('The PgBouncer of the test does not answer.');
  }
}

function launch(folder: string): ChildProcess {
  const asNobody = process.getuid?.() === 0 ? NOBODY : {};
  return spawn(process.env['TEST_PGBOUNCER']!, ['-q', join(folder, 'ini')], { stdio: 'ignore', ...asNobody });
}
