import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';

import { AuditModule } from '../platform/audit/audit.module.js';
import { HostClock } from '../platform/clock/host-clock.js';
import { AssignmentHistoryService } from './history/assignment-history.service.js';
import { CallDirectory } from './assignments/call-directory.js';
import { DatabaseCallDirectory } from './assignments/database-call-directory.js';
import { AssignmentsService } from './assignments/assignments.service.js';
import { NumberImportController } from './numbers/number-import.controller.js';
import { NumberImportService } from './numbers/number-import.service.js';
import { PoolLevelMetrics } from './pools/pool-level.metrics.js';
import { POOL_LOW, PoolLowQueue } from './pools/pool-low.queue.js';
import { PinsService } from './assignments/pins.service.js';
import { Pool } from './pools/pool.entity.js';
import { PoolsController } from './pools/pools.controller.js';
import { PoolsService } from './pools/pools.service.js';
import { Replica } from './replica/replica.js';
import { openReplica, ReplicaFeed, ReplicaHome } from './replica/replica-feed.service.js';
import { VirtualNumber } from './pools/virtual-number.entity.js';
import { VirtualNumbersController } from './numbers/virtual-numbers.controller.js';
import { VirtualNumbersService } from './numbers/virtual-numbers.service.js';

/** Pools, numbers and assignments: who is reached by dialling which number. */
@Module({
  imports: [TypeOrmModule.forFeature([Pool, VirtualNumber]), BullModule.registerQueue({ name: POOL_LOW }), AuditModule],
  controllers: [NumberImportController, PoolsController, VirtualNumbersController],
  providers: [
    AssignmentHistoryService,
    AssignmentsService,
    { provide: CallDirectory, useClass: DatabaseCallDirectory },
    NumberImportService,
    PoolLevelMetrics,
    PinsService,
    PoolLowQueue,
    PoolsService,
    { provide: Replica, inject: [ReplicaHome, HostClock, PinoLogger], useFactory: openReplica },
    ReplicaFeed,
    VirtualNumbersService,
  ],
  exports: [
    AssignmentHistoryService,
    AssignmentsService,
    CallDirectory,
    PinsService,
    PoolsService,
    Replica,
    ReplicaFeed,
    VirtualNumbersService,
    PoolLowQueue,
  ],
})
export class VirtualNumbersModule {}
