import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { OrdersModule } from '../orders/orders.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { CallRoutingService } from './call-routing.service.js';
import { Interaction } from './interaction.entity.js';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsService } from './interactions.service.js';
import { NumberProviders } from './number-providers.js';

/** Calls: whom to connect, and what became of them, whichever provider brings them; each has a module of its own below. */
@Module({
  imports: [TypeOrmModule.forFeature([Interaction]), OrdersModule, VirtualNumbersModule],
  controllers: [InteractionsController],
  providers: [CallRoutingService, InteractionsService, NumberProviders],
  exports: [CallRoutingService, InteractionsService, NumberProviders],
})
export class TelephonyModule {}
