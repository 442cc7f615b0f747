import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';

import { ResealProcessor } from './reseal.processor.js';
import { RESEAL } from './reseal.queue.js';
import { ResealService } from './reseal.service.js';

/** How phones are kept. The vault itself is a provider of the installation, because every module asks for it. */
@Module({
  imports: [BullModule.registerQueue({ name: RESEAL })],
  providers: [ResealService, ResealProcessor],
})
export class PhoneNumberModule {}
