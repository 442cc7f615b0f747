import { execFile, type ExecFileOptions } from 'node:child_process';
import { appendFile, chmod, chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { Client } from 'pg';

import { freePort } from '../../src/platform/embedded/free-port.js';
import { ServerAccount } from '../../src/platform/embedded/server-account.js';
import { databasesFolder } from './databases-folder.js';

const VERSIONS = '/usr/lib/postgresql';
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', wal_level: 'logical' };

const run = promisify(execFile);

/** A PostgreSQL of Debian's packages with its own tools, such as `pg_dump`, which the embedded one lacks. */
export class DebianPostgres {
  private constructor(
    private readonly folder: string,
    private readonly account: ServerAccount,
    private readonly programs: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<DebianPostgres> {
    const folder = await mkdtemp(join(databasesFolder(), `maskline-debian-${process.pid}-`));
    await chmod(folder, 0o755);
    const account = await ServerAccount.for(join(folder, 'data'), [folder]);
    if (account.owner) await chown(folder, account.owner.uid, account.owner.gid);
    const [newest] = (await readdir(VERSIONS)).sort((one, other) => Number(other) - Number(one));
    const server = new DebianPostgres(folder, account, join(VERSIONS, newest!, 'bin'), await freePort('127.0.0.1'));
    await server.own('archive');
    const how = ['-U', 'maskline', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    await server.must('initdb', '-D', server.data, ...how);
    await appendFile(
      join(server.data, 'postgresql.conf'),
      `archive_mode = on\narchive_command = 'cp "%p" "${server.archive}/%f"'\n`,
    );
    await server.launch();
    return server;
  }

  url(database: string): string {
    return `postgres://maskline@127.0.0.1:${this.port}/${database}`;
  }

  async administer(statement: string): Promise<void> {
    const client = new Client({ connectionString: this.url('postgres') });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }

  /** Runs a tool such as `pg_dump` with this server. */
  async tool(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<void> {
    const server = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'maskline'];
    await run(join(this.programs, program), [...server, ...args], options);
  }

  /** Backs its files up while it runs, with `pg_basebackup`. @returns the folder of the backup */
  async baseBackup(): Promise<string> {
    const backup = await this.own('backup');
    const server = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'maskline'];
    await this.must('pg_basebackup', ...server, '-D', backup, '--checkpoint=fast', '--wal-method=none', '--no-sync');
    return backup;
  }

  /** Stops it, and starts a backup of its files in its place, with what its archive has until an instant. */
  async recover(backup: string, until: Date): Promise<void> {
    await this.halt(); // the archiver finishes first
    await this.replaceData(backup);
    const settings = {
      restore_command: `cp "${this.archive}/%f" "%p"`,
      recovery_target_time: until.toISOString().replace('T', ' ').replace('Z', '+00'),
      recovery_target_action: 'promote',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    await appendFile(join(this.data, 'postgresql.auto.conf'), lines.join(''));
    await writeFile(join(this.data, 'recovery.signal'), '');
    await this.launch();
    while ((await this.ask('SELECT pg_is_in_recovery() AS value')) === true) await sleep(20);
  }

  /** Stops it as an outage. */
  async halt(): Promise<void> {
    await this.must('pg_ctl', '-D', this.data, '-m', 'fast', '-w', 'stop');
  }

  /** Starts it again. */
  async launch(): Promise<void> {
    const settings = Object.entries({ ...SETTINGS, port: this.port, unix_socket_directories: this.folder });
    const flags = settings.map(([name, value]) => `-c ${name}=${value}`).join(' ');
    await this.must('pg_ctl', '-D', this.data, '-l', join(this.folder, 'log'), '-o', flags, '-w', 'start');
  }

  /** @returns the first row's `value` */
  async ask(question: string): Promise<unknown> {
    const client = new Client({ connectionString: this.url('postgres') });
    await client.connect();
    const { rows } = await client.query<{ value: unknown }>(question).finally(() => client.end());
    return rows[0]?.value;
  }

  /** Stops it, and starts a copy of its files in its place, as a standby takes over or a disk is copied. */
  async becomeACopy(): Promise<void> {
    await this.halt();
    const copy = join(this.folder, 'copy');
    await cp(this.data, copy, { recursive: true });
    await this.replaceData(copy);
    await rm(copy, { recursive: true });
    await this.launch();
  }

  async stop(): Promise<void> {
    await this.must('pg_ctl', '-D', this.data, '-m', 'immediate', '-w', 'stop');
    await rm(this.folder, { recursive: true, force: true });
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private get archive(): string {
    return join(this.folder, 'archive');
  }

  /** A folder that the server may write. */
  private async own(name: string): Promise<string> {
    const folder = join(this.folder, name);
    await mkdir(folder, { mode: 0o700 });
    if (this.account.owner) await chown(folder, this.account.owner.uid, this.account.owner.gid);
    return folder;
  }

  private async replaceData(files: string): Promise<void> {
    await rm(this.data, { recursive: true });
    await cp(files, this.data, { recursive: true });
    if (this.account.owner)
      await run('chown', ['-R', `${this.account.owner.uid}:${this.account.owner.gid}`, this.data]);
    await chmod(this.data, 0o700);
  }

  private async must(program: string, ...args: string[]): Promise<void> {
    const { code, output } = await this.account.run(join(this.programs, program), args);
    if (code !== 0) throw new Error(`${program} failed: ${output}`);
  }
}
