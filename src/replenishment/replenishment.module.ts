import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { OrdersModule } from '../orders/orders.module.js';
import { TelephonyModule } from '../telephony/telephony.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { DemandRollupService } from './demand-rollup.service.js';
import { DryPoolService } from './dry-pool.service.js';
import { ForecastController } from './forecast.controller.js';
import { ForecastService } from './forecast.service.js';
import { GivingBackService } from './giving-back.service.js';
import { NumberHealthController } from './number-health.controller.js';
import { NumberHealthService } from './number-health.service.js';
import { NeedService } from './need.service.js';
import { InventoryTruthService } from './inventory-truth.service.js';
import { NumberBuyerService } from './number-buyer.service.js';
import { NumberWatchService } from './number-watch.service.js';
import { SupplyEventsController } from './supply-events.controller.js';
import { NumberSetUpService } from './number-set-up.service.js';
import { ProviderCircuits } from './provider-circuits.service.js';
import { ProviderLists } from './provider-lists.service.js';
import { PurchaseSettlingService } from './purchase-settling.service.js';
import { SupplyEvent } from './supply-event.entity.js';
import { NumberPurchase } from './number-purchase.entity.js';
import { ReplenishPoolProcessor } from './replenish-pool.processor.js';
import { ReplenishmentRoundProcessor } from './replenishment-round.processor.js';
import { REPLENISHMENT_ROUND } from './replenishment-round.queue.js';
import { ReplenishmentController } from './replenishment.controller.js';
import { ReplenishmentService } from './replenishment.service.js';

/** Keeps every pool between its low-water mark and its target. */
@Module({
  imports: [
    TypeOrmModule.forFeature([NumberPurchase, SupplyEvent]),
    BullModule.registerQueue({ name: REPLENISHMENT_ROUND }),
    VirtualNumbersModule,
    OrdersModule,
    TelephonyModule,
  ],
  controllers: [ForecastController, NumberHealthController, SupplyEventsController, ReplenishmentController],
  providers: [
    DemandRollupService,
    DryPoolService,
    ForecastService,
    GivingBackService,
    NumberHealthService,
    NeedService,
    NumberBuyerService,
    NumberSetUpService,
    InventoryTruthService,
    NumberWatchService,
    ProviderCircuits,
    ProviderLists,
    PurchaseSettlingService,
    ReplenishmentService,
    ReplenishPoolProcessor,
    ReplenishmentRoundProcessor,
  ],
})
export class ReplenishmentModule {}
