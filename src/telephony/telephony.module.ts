import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { OrdersModule } from '../orders/orders.module.js';
import { AuditModule } from '../platform/audit/audit.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { CallRoutingService } from './call-routing.service.js';
import { ExplainController } from './explain/explain.controller.js';
import { ExplainService } from './explain/explain.service.js';
import { Interaction } from './interaction.entity.js';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsService } from './interactions.service.js';
import { NumberProviders } from './number-providers.js';
import { PinGuesses } from './pin-guesses.service.js';
import { RecentTries } from './recent-tries.js';
import { RecentTriesDueProcessor } from './recent-tries-due.processor.js';
import { RECENT_TRIES_DUE } from './recent-tries-due.queue.js';

/** Calls: whom to connect, and what became of them, whichever provider brings them; each has a module of its own below. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Interaction]),
    BullModule.registerQueue({ name: RECENT_TRIES_DUE }),
    AuditModule,
    OrdersModule,
    VirtualNumbersModule,
  ],
  controllers: [ExplainController, InteractionsController],
  providers: [
    CallRoutingService,
    ExplainService,
    InteractionsService,
    NumberProviders,
    PinGuesses,
    RecentTries,
    RecentTriesDueProcessor,
  ],
  exports: [CallRoutingService, InteractionsService, NumberProviders, RecentTries],
})
export class TelephonyModule {}
