import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { AwaitingNumbersQueue } from '../links/awaiting-numbers.queue.js';
import { ORDERS_DUE } from './orders-due.queue.js';
import { OrdersDueService } from './orders-due.service.js';

const EVERY_MS = 1_000;

/** Works `orders.due`. Safe to run twice: an order is due once, and locked while it is processed. */
@Works(ORDERS_DUE)
export class OrdersDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(
    private readonly due: OrdersDueService,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrdersDueProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const { freedPools, ...counts } = await this.due.endWhatIsDue();
    for (const poolId of freedPools) await this.awaitingNumbers.announce(poolId);
    if (counts.expired + counts.ended + counts.archived > 0)
      this.logger.info({ jobId: job.id, ...counts }, 'time passed');
  }
}
