import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { AwaitingOrdersService } from './awaiting-orders.service.js';
import { AWAITING_NUMBERS, type AwaitingNumbers } from './awaiting-numbers.queue.js';

const SWEEP_EVERY_MS = 5_000;

/** Works `orders.awaiting-numbers`. Safe to run twice: each order is checked again under its lock. */
@Works(AWAITING_NUMBERS)
export class AwaitingNumbersProcessor extends JobProcessor<AwaitingNumbers> {
  override readonly schedule: Schedule = { id: 'sweep', repeat: { every: SWEEP_EVERY_MS }, job: 'sweep', attempts: 1 };

  constructor(
    private readonly awaiting: AwaitingOrdersService,
    private readonly pools: PoolsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(AwaitingNumbersProcessor.name);
  }

  protected async work(job: Job<AwaitingNumbers>): Promise<void> {
    const { poolId } = job.data;
    for (const id of poolId === undefined ? await this.pools.ids() : [poolId]) {
      const { finished, waiting } = await this.awaiting.finishAwaiting(id);
      if (finished > 0) this.logger.info({ jobId: job.id, poolId: id, finished, waiting }, 'orders got their numbers');
    }
  }
}
