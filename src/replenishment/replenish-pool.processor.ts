import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works } from '../platform/queue/job-processor.js';
import { POOL_LOW, type PoolLow } from '../virtual-numbers/pool-low.queue.js';
import { ReplenishmentService } from './replenishment.service.js';

/** Works `virtual-numbers.pool-low`. Safe to run twice: a round reads what there is before it buys. */
@Works(POOL_LOW)
export class ReplenishPoolProcessor extends JobProcessor<PoolLow> {
  /** A provider that allows few requests makes a round take minutes. */
  override readonly deadlineMs = 15 * 60 * 1000;

  constructor(
    private readonly replenishment: ReplenishmentService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReplenishPoolProcessor.name);
  }

  protected async work(job: Job<PoolLow>): Promise<void> {
    const { poolId } = job.data;
    const round = await this.replenishment.replenish(poolId);
    this.logger.info({ jobId: job.id, attempt: job.attemptsStarted, poolId, ...round }, 'pool replenished');
  }
}
