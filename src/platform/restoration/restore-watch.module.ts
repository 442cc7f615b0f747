import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { DatabaseCheck } from '../database/database-check.js';
import { RestorePlan } from './restore-plan.js';
import { RestoreWatch } from './restore-watch.js';
import { FolderWitness, QueueWitness, Witnesses } from './witnesses.js';

/** Has no jobs: its entry in Redis is a witness. */
const WITNESS_QUEUE = 'platform.witness';

export interface RestoreWatchOptions {
  readonly databaseUrl: string;
  /** A folder that survives a restart, outside the database; null = none. */
  readonly folder: string | null;
  /** Whether the queues are outside the database. */
  readonly hasRedis: boolean;
  /** Whether the database answered and is migrated; otherwise `RestoreWatch.settle` is to be called once it is. */
  readonly isPrepared: boolean;
}

@Global()
@Module({})
export class RestoreWatchModule {
  static of({ databaseUrl, folder, hasRedis, isPrepared }: RestoreWatchOptions): DynamicModule {
    // A factory, because hooks of other providers use the database, and Nest runs them when all providers are there.
    const watch = {
      provide: RestoreWatch,
      inject: [
        getDataSourceToken(),
        DatabaseCheck,
        RestorePlan,
        PinoLogger,
        { token: getQueueToken(WITNESS_QUEUE), optional: true },
      ],
      useFactory: async (
        dataSource: DataSource,
        check: DatabaseCheck,
        plan: RestorePlan,
        logger: PinoLogger,
        queue: Queue | undefined,
      ) => {
        logger.setContext(RestoreWatch.name);
        const witnesses = new Witnesses([
          ...(folder === null ? [] : [new FolderWitness(folder)]),
          ...(queue ? [new QueueWitness(queue)] : []),
        ]);
        const watch = new RestoreWatch(databaseUrl, dataSource, check, plan, witnesses, logger);
        if (isPrepared) await watch.settle();
        return watch;
      },
    };
    return {
      module: RestoreWatchModule,
      imports: hasRedis ? [BullModule.registerQueue({ name: WITNESS_QUEUE })] : [],
      providers: [watch],
      exports: [RestoreWatch],
    };
  }
}
