import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { OrdersModule } from '../orders/orders.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { CallRoutingService } from './call-routing.service.js';
import { ExoPhones } from './exotel/exophones.js';
import { ExotelConnectRoute } from './exotel/connect-route.js';
import { ExotelRateLimit } from './exotel/exotel-rate-limit.js';
import { ExotelSecrets } from './exotel/exotel-secrets.js';
import { ExotelWebhooksController } from './exotel/exotel-webhooks.controller.js';
import { Interaction } from './interaction.entity.js';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsService } from './interactions.service.js';
import { NumberProvider } from './number-provider.js';

/** Calls: whom to connect, and what became of them. Providers: what their requests say, and how their numbers are had. */
@Module({
  imports: [TypeOrmModule.forFeature([Interaction]), OrdersModule, VirtualNumbersModule],
  controllers: [InteractionsController, ExotelWebhooksController],
  providers: [
    CallRoutingService,
    InteractionsService,
    ExotelRateLimit,
    ExotelSecrets,
    ExotelConnectRoute,
    ExoPhones,
    { provide: NumberProvider, useExisting: ExoPhones },
  ],
  exports: [NumberProvider],
})
export class TelephonyModule {}
