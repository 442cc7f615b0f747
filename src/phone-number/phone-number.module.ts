import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';

import { ResealProcessor } from './reseal.processor.js';
import { RESEAL } from './reseal.queue.js';
import { ResealService } from './reseal.service.js';

/** Stores phones encrypted. The installation provides the vault itself, because every module uses it. */
@Module({
  imports: [BullModule.registerQueue({ name: RESEAL })],
  providers: [ResealService, ResealProcessor],
})
export class PhoneNumberModule {}
