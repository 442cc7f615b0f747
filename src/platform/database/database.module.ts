import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Metrics } from '../observability/metrics.js';
import { Readiness } from '../observability/readiness.js';
import { CallConnections } from './call-connections.js';
import { ConnectionMetrics } from './connection-metrics.js';
import { openDataSource } from './data-source.js';
import { DatabaseOutages } from './database-outages.js';
import { DatabaseCheck } from './database-check.js';

/**
 * The connections of a process: TypeORM's for requests and jobs, the ones for calls, and one for the readiness check.
 */
@Global()
@Module({})
export class DatabaseModule {
  /** @param isPrepared whether the database answered and is migrated; see `DatabaseCheck.prepareWith` */
  static of(databaseUrl: string, isPrepared: boolean): DynamicModule {
    const typeOrm = TypeOrmModule.forRootAsync({
      useFactory: () => ({ autoLoadEntities: true, retryAttempts: 1 }),
      dataSourceFactory: async (options) => openDataSource(databaseUrl, { entities: options?.entities ?? [] }),
    });
    return {
      module: DatabaseModule,
      imports: [typeOrm],
      providers: [
        DatabaseOutages,
        ConnectionMetrics,
        {
          provide: CallConnections,
          inject: [DatabaseCheck],
          useFactory: (check: DatabaseCheck) => new CallConnections(databaseUrl, check),
        },
        {
          provide: DatabaseCheck,
          inject: [Readiness, Metrics],
          useFactory: (readiness: Readiness, metrics: Metrics) =>
            new DatabaseCheck(databaseUrl, readiness, metrics, isPrepared),
        },
      ],
      exports: [CallConnections, DatabaseCheck, DatabaseOutages],
    };
  }
}
