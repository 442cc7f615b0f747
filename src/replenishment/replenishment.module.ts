import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { AuditModule } from '../platform/audit/audit.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { TelephonyModule } from '../telephony/telephony.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { DemandRollupService } from './forecast/demand-rollup.service.js';
import { DryPoolService } from './purchases/dry-pool.service.js';
import { ForecastController } from './forecast/forecast.controller.js';
import { ForecastService } from './forecast/forecast.service.js';
import { NumberReleaseService } from './inventory/number-release.service.js';
import { NumberHealthController, PoolNumberHealthController } from './number-health/number-health.controller.js';
import { NumberHealthService } from './number-health/number-health.service.js';
import { NeedService } from './round/need.service.js';
import { InventoryReconciliationService } from './inventory/inventory-reconciliation.service.js';
import { PolicyPreviewController } from './policy-preview/policy-preview.controller.js';
import { PolicyPreviewService } from './policy-preview/policy-preview.service.js';
import { NumberBuyerService } from './purchases/number-buyer.service.js';
import { NumberWatchService } from './inventory/number-watch.service.js';
import { SupplyEventsController } from './supply-events/supply-events.controller.js';
import { NumberSetUpService } from './purchases/number-set-up.service.js';
import { ProviderCircuits } from './purchases/provider-circuits.service.js';
import { ProviderLists } from './purchases/provider-lists.service.js';
import { PurchasesController } from './purchases/purchases.controller.js';
import { SpendingMetrics } from './purchases/spending.metrics.js';
import { PurchaseSettlingService } from './purchases/purchase-settling.service.js';
import { SupplyEvent } from './supply-events/supply-event.entity.js';
import { NumberPurchase } from './purchases/number-purchase.entity.js';
import { ReplenishPoolProcessor } from './round/replenish-pool.processor.js';
import { ReplenishmentRoundProcessor } from './round/replenishment-round.processor.js';
import { REPLENISHMENT_ROUND } from './round/replenishment-round.queue.js';
import { ReplenishmentController } from './round/replenishment.controller.js';
import { ReplenishmentService } from './round/replenishment.service.js';

/** Keeps every pool between its low-water mark and its target. */
@Module({
  imports: [
    TypeOrmModule.forFeature([NumberPurchase, SupplyEvent]),
    BullModule.registerQueue({ name: REPLENISHMENT_ROUND }),
    AuditModule,
    VirtualNumbersModule,
    OrdersModule,
    TelephonyModule,
  ],
  controllers: [
    ForecastController,
    NumberHealthController,
    PoolNumberHealthController,
    PolicyPreviewController,
    PurchasesController,
    SupplyEventsController,
    ReplenishmentController,
  ],
  providers: [
    DemandRollupService,
    DryPoolService,
    ForecastService,
    NumberReleaseService,
    NumberHealthService,
    NeedService,
    PolicyPreviewService,
    NumberBuyerService,
    NumberSetUpService,
    InventoryReconciliationService,
    NumberWatchService,
    ProviderCircuits,
    ProviderLists,
    PurchaseSettlingService,
    ReplenishmentService,
    SpendingMetrics,
    ReplenishPoolProcessor,
    ReplenishmentRoundProcessor,
  ],
})
export class ReplenishmentModule {}
