import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { AssignmentHistoryService } from './assignment-history.service.js';
import { AssignmentsService } from './assignments.service.js';
import { HistoryDueProcessor } from './history-due.processor.js';
import { HISTORY_DUE } from './history-due.queue.js';
import { NumberImportController } from './number-import.controller.js';
import { NumberImportService } from './number-import.service.js';
import { PoolLevelMetrics } from './pool-level.metrics.js';
import { POOL_LOW, PoolLowQueue } from './pool-low.queue.js';
import { PinsService } from './pins.service.js';
import { Pool } from './pool.entity.js';
import { PoolsController } from './pools.controller.js';
import { PoolsService } from './pools.service.js';
import { VirtualNumber } from './virtual-number.entity.js';
import { VirtualNumbersController } from './virtual-numbers.controller.js';
import { VirtualNumbersService } from './virtual-numbers.service.js';

/** Pools, numbers and assignments: which number whose dialling leads to whom. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Pool, VirtualNumber]),
    BullModule.registerQueue({ name: POOL_LOW }, { name: HISTORY_DUE }),
  ],
  controllers: [NumberImportController, PoolsController, VirtualNumbersController],
  providers: [
    AssignmentHistoryService,
    AssignmentsService,
    HistoryDueProcessor,
    NumberImportService,
    PoolLevelMetrics,
    PinsService,
    PoolLowQueue,
    PoolsService,
    VirtualNumbersService,
  ],
  exports: [
    AssignmentHistoryService,
    AssignmentsService,
    PinsService,
    PoolsService,
    VirtualNumbersService,
    PoolLowQueue,
  ],
})
export class VirtualNumbersModule {}
