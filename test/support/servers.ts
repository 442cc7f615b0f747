import { execFileSync } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

import { runMigrations } from 'bullmq';
import { Redis } from 'ioredis';
import { Client } from 'pg';

import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/platform/embedded/embedded-postgres.js';
import { TEMPLATE } from './database.js';
import { databasesFolder } from './databases-folder.js';
import { OwnRedis } from './own-redis.js';

/** The folder's name contains the process that created it, so that a later run can tell which ones are left over. */
const FOLDER = 'maskline-test-';
/** The data need not survive a power failure. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
/** Several test files at once may have applications with replicas. */
const REPLICAS = { max_wal_senders: '40', max_replication_slots: '40' };

/** In the folder of the servers: a data folder whose database is migrated and was never used. */
const PREPARED = 'prepared';

/** A later run finds the Redis of a killed process by its socket. */
const REDIS_SOCKET = 'redis.sock';

/** The headless shell first: it draws no windows, and its tests take three quarters of the processor time. */
const CHROMIUM = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'] as const;

let folder: string | undefined;
let database: EmbeddedDatabase | undefined;
let redis: OwnRedis | undefined;

/**
 * Starts the servers that the tests share, and passes them to the workers by environment: TEST_DATABASE_URL (an
 * administrator's), TEST_DATA_FOLDER (for `aDataFolder`), TEST_REDIS_URL, TEST_NGINX, TEST_PGBOUNCER and TEST_CHROMIUM
 * (their paths). All but the first two are empty if the machine lacks them.
 */
export async function startTestServers(): Promise<void> {
  await clearAwayKilledRuns();
  folder = await mkdtemp(join(databasesFolder(), `${FOLDER}${process.pid}-`));
  await chmod(folder, 0o755); // PostgreSQL may run as another user
  try {
    await prepareDataFolder(folder);
    database = await startEmbeddedPostgres({ dataDir: folder, flags: { ...FAST, ...REPLICAS } });
    if (await onPath(['redis-server'])) redis = await OwnRedis.start({ unixsocket: join(folder, REDIS_SOCKET) });
    await createTemplate(database.url);
  } catch (error) {
    await stopServersAndFolder();
    throw error;
  }
  process.env['TEST_DATABASE_URL'] = database.url;
  process.env['TEST_DATA_FOLDER'] = join(folder, PREPARED);
  process.env['TEST_REDIS_URL'] = redis?.url ?? '';
  process.env['TEST_NGINX'] = (await onPath(['nginx'])) ?? '';
  process.env['TEST_PGBOUNCER'] = (await onPath(['pgbouncer'])) ?? '';
  process.env['TEST_CHROMIUM'] = (await onPath(CHROMIUM)) ?? '';
}

export async function stopTestServers(): Promise<void> {
  await stopServersAndFolder();
  const missing = [
    process.env['TEST_REDIS_URL'] ? [] : 'redis-server',
    process.env['TEST_NGINX'] ? [] : 'nginx',
    process.env['TEST_CHROMIUM'] ? [] : CHROMIUM[0],
    process.env['TEST_PGBOUNCER'] ? [] : 'pgbouncer',
  ].flat();
  if (missing.length === 0) return;
  process.stdout.write(
    `\nLeft out, as not on the PATH: what needs ${missing.join(' or ')} (Debian: apt-get install ${missing.join(' ')}).\n`,
  );
}

async function stopServersAndFolder(): Promise<void> {
  await Promise.all([database?.stop(), redis?.stop()]);
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  database = redis = folder = undefined;
}

/** Migrates the server's own database, and copies the folder while the server is stopped. */
async function prepareDataFolder(dataDir: string): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir, flags: FAST });
  try {
    const dataSource = await createDataSource(server.url).initialize();
    await migrate(dataSource).finally(() => dataSource.destroy());
    await migrateQueues(server.url);
    await cheapenPassword(server.url);
  } finally {
    await server.stop();
  }
  await mkdir(join(dataDir, PREPARED));
  execFileSync('cp', ['-a', join(dataDir, 'postgres'), join(dataDir, PREPARED)]);
}

/** A clone of the server's own database, which is migrated. */
async function createTemplate(url: string): Promise<void> {
  const admin = new Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE ${new URL(url).pathname.slice(1)} STRATEGY file_copy`);
  // A template with open connections cannot be cloned.
  await admin.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
  await admin.end();
}

/** Migrates the queues' schema in advance, which the first application on a database would do. */
async function migrateQueues(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await runMigrations(client, 'bullmq').finally(() => client.end());
}

/** The tests open thousands of connections. For each, both ends would hash the password 4,096 times. */
async function cheapenPassword(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('SET scram_iterations = 1');
  const { username, password } = new URL(url);
  await client.query(`ALTER ROLE ${username} PASSWORD '${password}'`).finally(() => client.end());
}

/** A killed run leaves its servers running. They are taken over, as the application does, and stopped. */
async function clearAwayKilledRuns(): Promise<void> {
  for (const name of await readdir(databasesFolder())) {
    const pid = Number(new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    // What cannot be removed does no harm: each run has its own folder.
    await clearAway(join(databasesFolder(), name)).catch(() => undefined);
  }
}

async function clearAway(dataDir: string): Promise<void> {
  if ((await stat(dataDir)).uid !== process.getuid?.()) return;
  if (await exists(join(dataDir, 'postgres', 'postmaster.pid')))
    await (await startEmbeddedPostgres({ dataDir })).stop();
  if (await exists(join(dataDir, REDIS_SOCKET))) await shutDownRedis(join(dataDir, REDIS_SOCKET));
  await rm(dataDir, { recursive: true, force: true });
}

/** The socket of a dead process refuses connections. */
async function shutDownRedis(path: string): Promise<void> {
  const client = new Redis({ path, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect().then(
    () => client.shutdown('NOSAVE'),
    () => undefined,
  );
  client.disconnect();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function onPath(programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) {
    for (const directory of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
      const path = resolve(directory, program);
      if (await exists(path, constants.X_OK)) return path;
    }
  }
  return undefined;
}

async function exists(path: string, mode?: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
