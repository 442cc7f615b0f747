import { vi } from 'vitest';

import { migrationOptions } from '../../src/platform/database/data-source.js';
import { aFolder, query } from '../platform/embedded/support.js';
import { migrateUpTo } from '../migrations/migrate-up-to.js';
import { emptyDatabase, type FreshDatabase } from '../support/database.js';
import { apiSettings } from './api-processes.js';
import { migrateByCommand } from './migrate-by-command.js';
import { cleanUpStarted, LONG_MS, startHere } from './started.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

const MIGRATIONS = (migrationOptions('postgres://nobody') as { migrations: { name: string }[] }).migrations.length;

let database: FreshDatabase;
beforeEach(async () => {
  database = await emptyDatabase();
});
afterEach(async () => {
  await cleanUpStarted();
  await database.drop();
});

const migrate = async () => migrateByCommand({ DATABASE_URL: database.url });

const UP_TO_DATE = { code: 0, said: 'The schema is up to date.\n', failed: '' };

async function applied(): Promise<number> {
  const [{ count }] = (await query(database.url, 'SELECT count(*)::integer AS count FROM migrations')) as [
    { count: number },
  ];
  return count;
}

const startThatDoesNotMigrate = async () =>
  startHere({ env: apiSettings(database.url, { MIGRATE_AT_START: 'off' }), dataDir: await aFolder() });

describe('the command that migrates', () => {
  it('brings an empty database up to date, also when it is given twice at once, and again', async () => {
    expect(await Promise.all([migrate(), migrate()])).toEqual([UP_TO_DATE, UP_TO_DATE]);
    expect(await applied()).toBe(MIGRATIONS);
    expect(await migrate()).toEqual(UP_TO_DATE);
    expect(await applied()).toBe(MIGRATIONS);
  });

  it('says in one line why it has not', async () => {
    expect(await migrateByCommand({})).toEqual({
      code: 1,
      said: '',
      failed:
        'The schema was not migrated. DATABASE_URL is not set. The embedded PostgreSQL is migrated when Maskline starts.\n',
    });
    const url = new URL(database.url);
    url.password = 'wrong';
    const { code, said, failed } = await migrateByCommand({ DATABASE_URL: url.href });
    expect([code, said]).toEqual([1, '']);
    expect(failed).toMatch(
      /^The schema was not migrated\. The PostgreSQL at DATABASE_URL cannot be used \(password authentication failed[^\n]*\n$/,
    );
    expect(failed).not.toContain('wrong');
  });
});

describe('with MIGRATE_AT_START=off, a start', () => {
  it('fails on a database without a schema, which it leaves as it is, and succeeds after the command', async () => {
    await expect(startThatDoesNotMigrate()).rejects.toMatchObject({
      message: `The schema lacks ${MIGRATIONS} migrations of this release, and MIGRATE_AT_START is off: run "node dist/src/migrate.js" first.`,
    });
    expect(
      await query(database.url, `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`),
    ).toEqual([]);

    expect(await migrate()).toEqual(UP_TO_DATE);
    const maskline = await startThatDoesNotMigrate();
    await maskline.isReady();
  });

  it('fails on the schema of the previous release, and says how many migrations it lacks', async () => {
    await migrateUpTo(database.url, 1795305600089);
    const before = await applied();
    await expect(startThatDoesNotMigrate()).rejects.toThrow(
      `The schema lacks ${MIGRATIONS - before} migrations of this release`,
    );
    expect(await applied()).toBe(before);
  });
});
