import { DataSource } from 'typeorm';

import { migrate, migrationOptions } from '../../src/platform/database/data-source.js';

/** Brings an empty database to the schema of an earlier version. @param timestamp of the last migration to run */
export async function migrateUpTo(url: string, timestamp: number): Promise<void> {
  const options = migrationOptions(url);
  const all = options.migrations as (new () => object)[];
  const migrations = all.filter(({ name }) => Number(/\d+$/.exec(name)) <= timestamp);
  const dataSource = await new DataSource({ ...options, migrations } as typeof options).initialize();
  await migrate(dataSource).finally(() => dataSource.destroy());
}
