import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { AuditModule } from '../platform/audit/audit.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { AwaitingOrdersService } from './links/awaiting-orders.service.js';
import { LinkChangesService } from './links/link-changes.service.js';
import { LinkNumbersService } from './links/link-numbers.service.js';
import { LinksController } from './links/links.controller.js';
import { ParticipantChangesController } from './participants/participant-changes.controller.js';
import { ParticipantChangesService } from './participants/participant-changes.service.js';
import { AlternatePhonesService } from './alternate-phones/alternate-phones.service.js';
import { AwaitingNumbersProcessor } from './links/awaiting-numbers.processor.js';
import { AWAITING_NUMBERS, AwaitingNumbersQueue } from './links/awaiting-numbers.queue.js';
import { OrderEventDeliveryProcessor } from './feed/order-event-delivery.processor.js';
import { OrderEventDeliveryService } from './feed/order-event-delivery.service.js';
import { OrderEventFeedController } from './feed/order-event-feed.controller.js';
import { OrderEventFeedService } from './feed/order-event-feed.service.js';
import { LostNumberReplacementService } from './links/lost-number-replacement.service.js';
import { OrderEvent } from './order/order-event.entity.js';
import { ORDER_EVENTS_DELIVER } from './feed/order-events.queue.js';
import { OrderIntakeController } from './intake/order-intake.controller.js';
import { OrderIntakeProcessor } from './intake/order-intake.processor.js';
import { ORDERS_INTAKE, OrderIntakeQueue } from './intake/order-intake.queue.js';
import { EndedOrdersProcessor } from './ended/ended-orders.processor.js';
import { ORDERS_ENDED } from './ended/ended-orders.queue.js';
import { EndedOrdersService } from './ended/ended-orders.service.js';
import { ForgottenPhonesService } from './participants/forgotten-phones.service.js';
import { PendingEvents } from './intake/pending-events.service.js';
import { SettledEvents } from './intake/settled-events.service.js';
import { OrderIntakeService } from './intake/order-intake.service.js';
import { OrderLocks } from './order/order-locks.service.js';
import { OrderViewsService } from './views/order-views.service.js';
import { Order } from './order/order.entity.js';
import { OrdersDueProcessor } from './lifecycle/orders-due.processor.js';
import { ORDERS_DUE } from './lifecycle/orders-due.queue.js';
import { OrdersDueService } from './lifecycle/orders-due.service.js';
import { OrdersController } from './lifecycle/orders.controller.js';
import { OrdersService } from './lifecycle/orders.service.js';
import { ParticipantAccessService } from './participants/participant-access.service.js';
import { ParticipantPhones } from './order/participant-phones.service.js';
import { PhoneCorrectionService } from './participants/phone-correction.service.js';
import { PhoneGuesses } from './order/phone-guesses.service.js';
import { Participant } from './order/participant.entity.js';
import { ParticipantsController } from './participants/participants.controller.js';
import { RestorationController } from './restoration/restoration.controller.js';
import { RestorationService } from './restoration/restoration.service.js';
import { OrderSearchService } from './search/order-search.service.js';
import { ServedOrdersController } from './lifecycle/served-orders.controller.js';
import { ChangeStreams } from './stream/change-streams.service.js';
import { StreamController } from './stream/stream.controller.js';
import { WebhookSender } from '../platform/webhooks/webhook-sender.js';
import { WebhookDeliveryProcessor } from './webhooks/webhook-delivery.processor.js';
import { WEBHOOKS_DELIVER } from './webhooks/webhook-delivery.queue.js';
import { WebhookDeliveryService } from './webhooks/webhook-delivery.service.js';
import { WebhookEndpointsController } from './webhooks/webhook-endpoints.controller.js';
import { WebhookEndpointsService } from './webhooks/webhook-endpoints.service.js';
import { WebhookMetrics } from './webhooks/webhook.metrics.js';
import { OrderEventLagMetrics } from './feed/order-event-lag.metrics.js';
import { WaitingOrdersMetrics } from './lifecycle/waiting-orders.metrics.js';

/** Orders: which participants may reach each other, and until when. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Order, Participant, OrderEvent]),
    BullModule.registerQueue(
      ...[AWAITING_NUMBERS, ORDERS_DUE, ORDERS_ENDED, ORDERS_INTAKE, ORDER_EVENTS_DELIVER, WEBHOOKS_DELIVER].map(
        (name) => ({ name }),
      ),
    ),
    AuditModule,
    VirtualNumbersModule,
  ],
  controllers: [
    LinksController,
    ParticipantChangesController,
    OrderEventFeedController,
    OrderIntakeController,
    OrdersController,
    ParticipantsController,
    RestorationController,
    ServedOrdersController,
    StreamController,
    WebhookEndpointsController,
  ],
  providers: [
    OrdersService,
    AwaitingOrdersService,
    LinkChangesService,
    LinkNumbersService,
    ParticipantChangesService,
    AlternatePhonesService,
    ForgottenPhonesService,
    ParticipantAccessService,
    ParticipantPhones,
    PhoneCorrectionService,
    PhoneGuesses,
    RestorationService,
    LostNumberReplacementService,
    OrderLocks,
    OrderViewsService,
    OrderSearchService,
    OrderEventLagMetrics,
    WaitingOrdersMetrics,
    OrdersDueService,
    EndedOrdersService,
    EndedOrdersProcessor,
    SettledEvents,
    PendingEvents,
    OrderIntakeService,
    OrderIntakeQueue,
    OrderIntakeProcessor,
    AwaitingNumbersQueue,
    AwaitingNumbersProcessor,
    OrdersDueProcessor,
    OrderEventFeedService,
    OrderEventDeliveryService,
    OrderEventDeliveryProcessor,
    ChangeStreams,
    WebhookSender,
    WebhookEndpointsService,
    WebhookDeliveryService,
    WebhookDeliveryProcessor,
    WebhookMetrics,
  ],
  exports: [
    AwaitingOrdersService,
    AlternatePhonesService,
    ForgottenPhonesService,
    LostNumberReplacementService,
    OrdersService,
    OrderEventFeedService,
    OrderSearchService,
    OrderViewsService,
    PendingEvents,
    AwaitingNumbersQueue,
    WebhookEndpointsService,
  ],
})
export class OrdersModule {}
