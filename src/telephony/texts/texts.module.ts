import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';

import { OrdersModule } from '../../orders/orders.module.js';
import { AuditModule } from '../../platform/audit/audit.module.js';
import { VirtualNumbersModule } from '../../virtual-numbers/virtual-numbers.module.js';
import { TelephonyModule } from '../telephony.module.js';
import { KeptTextsController } from './kept-texts.controller.js';
import { KeptTextsService } from './kept-texts.service.js';
import { TextRateLimits } from './text-rate-limits.js';
import { TextDeliveriesService } from './text-deliveries.service.js';
import { TextForwardingService } from './text-forwarding.service.js';
import { TextRoutingService } from './text-routing.service.js';
import { TextsDueProcessor } from './texts-due.processor.js';
import { TEXTS_DUE } from './texts-due.queue.js';

/** Texts: decisions, redaction, forwarding and delivery, for any provider. */
@Module({
  imports: [
    BullModule.registerQueue({ name: TEXTS_DUE }),
    AuditModule,
    OrdersModule,
    TelephonyModule,
    VirtualNumbersModule,
  ],
  controllers: [KeptTextsController],
  providers: [
    KeptTextsService,
    TextRateLimits,
    TextDeliveriesService,
    TextForwardingService,
    TextRoutingService,
    TextsDueProcessor,
  ],
  exports: [TextRoutingService, TextForwardingService, TextDeliveriesService],
})
export class TextsModule {}
