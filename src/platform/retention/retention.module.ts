import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';

import { RetentionDueProcessor } from './retention-due.processor.js';
import { RETENTION_DUE } from './retention-due.queue.js';
import { RetentionService } from './retention.service.js';

/** Deletes what is older than the settings allow. */
@Module({
  imports: [BullModule.registerQueue({ name: RETENTION_DUE })],
  providers: [RetentionService, RetentionDueProcessor],
})
export class RetentionModule {}
