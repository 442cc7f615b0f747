import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';

import { OrdersModule } from '../../orders/orders.module.js';
import { AuditModule } from '../../platform/audit/audit.module.js';
import { TelephonyModule } from '../telephony.module.js';
import { ErasuresDueProcessor } from './erasures-due.processor.js';
import { ERASURES_DUE } from './erasures-due.queue.js';
import { PersonsController } from './persons.controller.js';
import { PersonsService } from './persons.service.js';

/** What is stored about a person: export and erasure. */
@Module({
  imports: [BullModule.registerQueue({ name: ERASURES_DUE }), AuditModule, OrdersModule, TelephonyModule],
  controllers: [PersonsController],
  providers: [PersonsService, ErasuresDueProcessor],
})
export class PersonsModule {}
