import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

/** Migrated once a run; every test database is a clone of it. */
export const TEMPLATE = 'maskline_template';

/** A database for one test file. */
export interface FreshDatabase {
  readonly url: string;
  /** Ends open connections. */
  drop(): Promise<void>;
}

/**
 * Clones the migrated template.
 *
 * @param options.lockTimeoutMs after which a statement that waits for a lock fails; a lost SKIP LOCKED then fails with
 *   PostgreSQL's own message instead of hanging the run. 0 = wait forever
 */
export async function freshDatabase({ lockTimeoutMs = 500 }: { lockTimeoutMs?: number } = {}): Promise<FreshDatabase> {
  const database = await createDatabase(TEMPLATE);
  await administer(`ALTER DATABASE ${nameOf(database)} SET lock_timeout = ${lockTimeoutMs}`);
  return database;
}

/** A database without tables, for tests of migrations. */
export async function emptyDatabase(): Promise<FreshDatabase> {
  return createDatabase('template0');
}

async function createDatabase(template: string): Promise<FreshDatabase> {
  const url = new URL(administrator());
  const name = `test_${process.env['JEST_WORKER_ID'] ?? '0'}_${randomBytes(6).toString('hex')}`;
  url.pathname = name;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`); // half the time of wal_log while fsync is off
  return { url: url.href, drop: () => drop(name) };
}

/**
 * Drops a database. A replication slot, which ends a moment after its connection, keeps it for that long; one that is
 * being created waits for the transactions of all databases first.
 */
export async function drop(name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    } catch (failure) {
      if (!/active logical replication slot/.test((failure as Error).message) || tries === 600) throw failure;
      await sleep(50);
    }
  }
}

function nameOf({ url }: FreshDatabase): string {
  return new URL(url).pathname.slice(1);
}

/** Of this process, for all its databases: a connection takes longer than most statements on it. */
let admin: Promise<Client> | null = null;

/** Runs statements as the administrator, on the server's own database. */
export async function administer(...statements: string[]): Promise<void> {
  const client = await (admin ??= connect());
  for (const statement of statements) await client.query(statement);
}

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: administrator() });
  const forget = () => void (admin = null);
  client.on('error', forget); // the next statement connects again
  client.on('end', forget);
  await client.connect().catch((failure: unknown) => {
    forget();
    throw failure;
  });
  (client as Client & { unref(): void }).unref(); // must not keep the process alive
  return client;
}

function administrator(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url)
    throw new Error('TEST_DATABASE_URL is missing: run the tests through "npm test", whose setup starts PostgreSQL.');
  return url;
}
