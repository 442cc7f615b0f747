import { existsSync } from 'node:fs';

import { prepareSchema } from './installation/schema.js';
import { readTable, SettingsError } from './platform/config/setting-table.js';
import { SETTINGS } from './platform/config/settings.js';
import { showSourcePositions } from './platform/start/source-positions.js';

/** Brings the schema of the database at DATABASE_URL up to date, while processes of this and the previous release serve. */
async function run(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { DATABASE_URL, DATABASE_DIRECT_URL } = SETTINGS;
  const urls = readTable({ DATABASE_URL, DATABASE_DIRECT_URL }, process.env);
  const databaseUrl = urls.DATABASE_URL;
  if (databaseUrl === null) {
    throw new SettingsError('DATABASE_URL is not set. The embedded PostgreSQL is migrated when Maskline starts.');
  }
  const directDatabaseUrl = urls.DATABASE_DIRECT_URL ?? databaseUrl;
  await prepareSchema({ databaseUrl, directDatabaseUrl }, { isForeign: true, migrates: true });
  process.stdout.write('The schema is up to date.\n');
}

showSourcePositions();
await run().catch((failure: unknown) => {
  process.stderr.write(
    `The schema was not migrated. ${failure instanceof Error ? failure.message : String(failure)}\n`,
  );
  process.exitCode = 1;
});
