import { Module } from '@nestjs/common';

import { OrdersModule } from '../orders/orders.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { StatusController } from './status.controller.js';
import { StatusService } from './status.service.js';

/** Says what is going on in an installation now. */
@Module({
  imports: [OrdersModule, VirtualNumbersModule],
  controllers: [StatusController],
  providers: [StatusService],
})
export class StatusModule {}
