import type { DataSource } from 'typeorm';

import type { Installation } from './app.module.js';
import { SessionNeeded } from '../platform/database/connections/connection.js';
import { connected, createDataSource, migrate, pendingMigrations } from '../platform/database/data-source.js';

interface Schema {
  /** Whether it is the PostgreSQL at DATABASE_URL, not the embedded one. */
  readonly isForeign: boolean;
  /** Whether pending migrations are run; otherwise they are an error. */
  readonly migrates: boolean;
}

/** Connects, with retries, and brings the schema up to date or checks that it is. @throws Error with what to do */
export async function prepareSchema(
  { databaseUrl, directDatabaseUrl = databaseUrl }: Pick<Installation, 'databaseUrl' | 'directDatabaseUrl'>,
  { isForeign, migrates }: Schema,
): Promise<void> {
  const setting = directDatabaseUrl === databaseUrl ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
  const dataSource = await connected(() => createDataSource(directDatabaseUrl)).catch((cause: unknown): never => {
    const first = cause instanceof AggregateError ? (cause.errors[0] as Error) : (cause as Error);
    if (first instanceof SessionNeeded) throw new Error(WHAT_TO_DO_BEHIND_A_POOLER[setting], { cause });
    const whose = isForeign ? `The PostgreSQL at ${setting}` : 'The embedded PostgreSQL';
    const todo = isForeign ? 'start it, or correct the URL' : 'see postgres.log in DATA_DIR';
    throw new Error(`${whose} cannot be used (${first.message}): ${todo}.`, { cause });
  });
  await (migrates ? migrate(dataSource) : requireMigrated(dataSource)).finally(() => dataSource.destroy());
}

/** @throws Error if migrations are pending */
export async function requireMigrated(dataSource: DataSource): Promise<void> {
  const pending = await pendingMigrations(dataSource);
  if (pending.length === 0) return;
  const migrations = pending.length === 1 ? '1 migration' : `${pending.length} migrations`;
  throw new Error(
    `The schema lacks ${migrations} of this release, and MIGRATE_AT_START is off: ` +
      'run "node dist/src/migrate.js" first.',
  );
}

const IN_SESSION_MODE = 'if the pooler is in session mode, add pool_mode=session to the parameters of the URL';
const WHAT_TO_DO_BEHIND_A_POOLER = {
  DATABASE_URL: `DATABASE_URL leads to a connection pooler: set DATABASE_DIRECT_URL to the PostgreSQL behind it, or, ${IN_SESSION_MODE}.`,
  DATABASE_DIRECT_URL: `DATABASE_DIRECT_URL leads to a connection pooler: set it to the PostgreSQL behind it, or, ${IN_SESSION_MODE}.`,
};
