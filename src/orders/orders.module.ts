import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { AwaitingNumbersProcessor } from './awaiting-numbers.processor.js';
import { AWAITING_NUMBERS, AwaitingNumbersQueue } from './awaiting-numbers.queue.js';
import { OrderEvent } from './order-event.entity.js';
import { OrderIntakeController } from './order-intake.controller.js';
import { OrderIntakeProcessor } from './order-intake.processor.js';
import { ORDERS_INTAKE, OrderIntakeQueue } from './order-intake.queue.js';
import { OrderIntakeService } from './order-intake.service.js';
import { OrderViewsService } from './order-views.service.js';
import { Order } from './order.entity.js';
import { OrdersDueProcessor } from './orders-due.processor.js';
import { ORDERS_DUE } from './orders-due.queue.js';
import { OrdersDueService } from './orders-due.service.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { ParticipantPhones } from './participant-phones.service.js';
import { PhoneCorrectionService } from './phone-correction.service.js';
import { Participant } from './participant.entity.js';
import { ServedOrdersController } from './served-orders.controller.js';

/** Why two participants may call each other, and until when. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Order, Participant, OrderEvent]),
    BullModule.registerQueue({ name: AWAITING_NUMBERS }, { name: ORDERS_DUE }, { name: ORDERS_INTAKE }),
    VirtualNumbersModule,
  ],
  controllers: [OrderIntakeController, OrdersController, ServedOrdersController],
  providers: [
    OrdersService,
    ParticipantPhones,
    PhoneCorrectionService,
    OrderViewsService,
    OrdersDueService,
    OrderIntakeService,
    OrderIntakeQueue,
    OrderIntakeProcessor,
    AwaitingNumbersQueue,
    AwaitingNumbersProcessor,
    OrdersDueProcessor,
  ],
  exports: [OrdersService, OrderViewsService, AwaitingNumbersQueue],
})
export class OrdersModule {}
