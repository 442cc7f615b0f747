import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { OrderEventDeliveryService } from './order-event-delivery.service.js';
import { ORDER_EVENTS_DELIVER } from './order-events.queue.js';

const EVERY_MS = 1_000;

/** Works `order-events.deliver`. Safe to run twice: one process at a time claims the delivery. */
@Works(ORDER_EVENTS_DELIVER)
export class OrderEventDeliveryProcessor extends JobProcessor {
  override readonly schedule: Schedule;

  constructor(
    private readonly delivery: OrderEventDeliveryService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrderEventDeliveryProcessor.name);
    const isOff = !delivery.hasTarget;
    this.schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1, isOff };
  }

  protected async work(job: Job): Promise<void> {
    const delivered = await this.delivery.deliver();
    if (delivered > 0) this.logger.info({ jobId: job.id, delivered }, 'order system told');
  }
}
