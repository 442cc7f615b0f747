import { DataSource, type DataSourceOptions } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Pool } from 'pg';

/** TypeORM's driver on a pool of ours, which opens a connection when a statement needs one. */
class PoolDriver extends PostgresDriver {
  constructor(
    dataSource: DataSource,
    private readonly pool: Pool,
  ) {
    super(dataSource);
  }

  /** TypeORM's own driver opens a connection here, to learn what only changes of the schema need. */
  override async connect(): Promise<void> {
    this.master = this.pool;
  }

  override async afterConnect(): Promise<void> {}
}

/**
 * A data source that is ready without the server. While the database does not answer, the process can start, and
 * statements fail as in any outage. It cannot migrate.
 */
export async function dataSourceOn(pool: Pool, options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(options);
  dataSource.driver = new PoolDriver(dataSource, pool);
  return dataSource.initialize();
}
