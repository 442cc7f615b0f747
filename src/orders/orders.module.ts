import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { AuditModule } from '../platform/audit/audit.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { AgentAssignmentService } from './agent-assignment.service.js';
import { AlternatePhonesService } from './alternate-phones.service.js';
import { AwaitingNumbersProcessor } from './awaiting-numbers.processor.js';
import { AWAITING_NUMBERS, AwaitingNumbersQueue } from './awaiting-numbers.queue.js';
import { OrderEventDeliveryProcessor } from './order-event-delivery.processor.js';
import { OrderEventDeliveryService } from './order-event-delivery.service.js';
import { OrderEventFeedController } from './order-event-feed.controller.js';
import { OrderEventFeedService } from './order-event-feed.service.js';
import { MoveOffService } from './move-off.service.js';
import { OrderEvent } from './order-event.entity.js';
import { ORDER_EVENTS_DELIVER } from './order-events.queue.js';
import { OrderIntakeController } from './order-intake.controller.js';
import { OrderIntakeProcessor } from './order-intake.processor.js';
import { ORDERS_INTAKE, OrderIntakeQueue } from './order-intake.queue.js';
import { ForgottenPhonesService } from './forgotten-phones.service.js';
import { OrderIntakeService } from './order-intake.service.js';
import { OrderViewsService } from './order-views.service.js';
import { Order } from './order.entity.js';
import { OrdersDueProcessor } from './orders-due.processor.js';
import { ORDERS_DUE } from './orders-due.queue.js';
import { OrdersDueService } from './orders-due.service.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { ParticipantAccessService } from './participant-access.service.js';
import { ParticipantPhones } from './participant-phones.service.js';
import { PhoneCorrectionService } from './phone-correction.service.js';
import { PhoneGuesses } from './phone-guesses.service.js';
import { Participant } from './participant.entity.js';
import { ParticipantsController } from './participants.controller.js';
import { ServedOrdersController } from './served-orders.controller.js';
import { WaitingOrdersMetrics } from './waiting-orders.metrics.js';

/** Why two participants may call each other, and until when. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Order, Participant, OrderEvent]),
    BullModule.registerQueue(
      ...[AWAITING_NUMBERS, ORDERS_DUE, ORDERS_INTAKE, ORDER_EVENTS_DELIVER].map((name) => ({ name })),
    ),
    AuditModule,
    VirtualNumbersModule,
  ],
  controllers: [
    OrderEventFeedController,
    OrderIntakeController,
    OrdersController,
    ParticipantsController,
    ServedOrdersController,
  ],
  providers: [
    OrdersService,
    AgentAssignmentService,
    AlternatePhonesService,
    ForgottenPhonesService,
    ParticipantAccessService,
    ParticipantPhones,
    PhoneCorrectionService,
    PhoneGuesses,
    MoveOffService,
    OrderViewsService,
    WaitingOrdersMetrics,
    OrdersDueService,
    OrderIntakeService,
    OrderIntakeQueue,
    OrderIntakeProcessor,
    AwaitingNumbersQueue,
    AwaitingNumbersProcessor,
    OrdersDueProcessor,
    OrderEventFeedService,
    OrderEventDeliveryService,
    OrderEventDeliveryProcessor,
  ],
  exports: [
    AgentAssignmentService,
    AlternatePhonesService,
    ForgottenPhonesService,
    MoveOffService,
    OrdersService,
    OrderViewsService,
    AwaitingNumbersQueue,
  ],
})
export class OrdersModule {}
