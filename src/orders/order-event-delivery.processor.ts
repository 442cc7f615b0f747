import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { OrderEventDeliveryService } from './order-event-delivery.service.js';
import { ORDER_EVENTS_DELIVER } from './order-events.queue.js';

const EVERY_MS = 1_000;

/** Works `order-events.deliver`. Safe to run twice: one at a time has the turn. */
@Processor(ORDER_EVENTS_DELIVER)
export class OrderEventDeliveryProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(ORDER_EVENTS_DELIVER) private readonly queue: Queue,
    private readonly delivery: OrderEventDeliveryService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrderEventDeliveryProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.delivery.hasTarget) return schedule(() => this.queue.removeJobScheduler('tick'), this.logger);
    await schedule(
      () => this.queue.upsertJobScheduler('tick', { every: EVERY_MS }, { name: 'tick', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const delivered = await this.delivery.deliver();
    if (delivered > 0) this.logger.info({ jobId: job.id, delivered }, 'order system told');
  }
}
