import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works } from '../../platform/queue/job-processor.js';
import { POOL_LOW, POOL_LOW_AGAIN, type PoolLow } from '../../virtual-numbers/pools/pool-low.queue.js';
import { cannotBeHad } from '../purchases/provider-circuits.service.js';
import { ReplenishmentService } from './replenishment.service.js';

/** Works `virtual-numbers.pool-low`. Safe to run twice: a round reads the pool's state before it buys. */
@Works(POOL_LOW)
export class ReplenishPoolProcessor extends JobProcessor<PoolLow> {
  /** With a low rate limit of the provider, a round can take minutes. */
  override readonly deadlineMs = 15 * 60 * 1000;

  constructor(
    private readonly replenishment: ReplenishmentService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReplenishPoolProcessor.name);
  }

  protected async work(job: Job<PoolLow>): Promise<void> {
    const { poolId, list = 'when-due', tries = 0 } = job.data;
    // Otherwise the key of this job would keep this round from announcing another one.
    if (job.name === POOL_LOW_AGAIN) await job.removeDeduplicationKey();
    try {
      const round = await this.replenishment.replenish(poolId, { list, tries });
      this.logger.info({ jobId: job.id, attempt: job.attemptsStarted, poolId, ...round }, 'pool replenished');
    } catch (err) {
      if (!cannotBeHad(err)) throw err;
      this.logger.warn({ jobId: job.id, poolId, err }, 'round broken off, the next one takes it up');
    }
  }
}
