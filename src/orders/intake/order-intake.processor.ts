import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { ORDERS_INTAKE } from './order-intake.queue.js';
import { OrderIntakeService } from './order-intake.service.js';

const SWEEP_EVERY_MS = 1_000;

/**
 * Works `orders.intake`. Safe to run twice: an event is claimed before it is applied, and applying it again changes
 * nothing.
 */
@Works(ORDERS_INTAKE)
export class OrderIntakeProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'sweep', repeat: { every: SWEEP_EVERY_MS }, job: 'sweep', attempts: 1 };

  constructor(
    private readonly intake: OrderIntakeService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrderIntakeProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const counts = await this.intake.applyStored();
    if (counts.applied + counts.rejected > 0) this.logger.info({ jobId: job.id, ...counts }, 'events applied');
  }
}
