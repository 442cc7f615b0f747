import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

import { Metrics } from '../observability/metrics.js';
import { Readiness } from '../observability/readiness.js';
import { CallConnections } from './call-connections.js';
import { distrustTogether } from './connection-pool.js';
import { connected, databaseOptions } from './data-source.js';
import { DatabaseOutages } from './database-outages.js';
import { DatabaseCheck } from './database-check.js';
import { sharedPool } from './statement.js';

/**
 * The connections of a process: TypeORM's for requests and jobs, the ones for calls, and one for the readiness check.
 */
@Global()
@Module({})
export class DatabaseModule {
  static of(databaseUrl: string): DynamicModule {
    const typeOrm = TypeOrmModule.forRootAsync({
      useFactory: () => ({ ...databaseOptions(databaseUrl), autoLoadEntities: true, retryAttempts: 1 }),
      dataSourceFactory: async (options) => {
        const dataSource = await connected(() => new DataSource(options!));
        distrustTogether(sharedPool(dataSource));
        return dataSource;
      },
    });
    return {
      module: DatabaseModule,
      imports: [typeOrm],
      providers: [
        DatabaseOutages,
        { provide: CallConnections, useFactory: () => new CallConnections(databaseUrl) },
        {
          provide: DatabaseCheck,
          inject: [Readiness, Metrics],
          useFactory: (readiness: Readiness, metrics: Metrics) => new DatabaseCheck(databaseUrl, readiness, metrics),
        },
      ],
      exports: [CallConnections, DatabaseCheck, DatabaseOutages],
    };
  }
}
