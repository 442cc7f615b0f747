import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { TAKEN_OVER_SOON } from '../platform/queue/queue.module.js';
import { POOL_LOW, type PoolLow } from '../virtual-numbers/pool-low.queue.js';
import { ReplenishmentService } from './replenishment.service.js';

/** Works `virtual-numbers.pool-low`. Safe to run twice: a round reads what there is before it buys. */
@Processor(POOL_LOW, TAKEN_OVER_SOON)
export class ReplenishPoolProcessor extends WorkerHost {
  constructor(
    private readonly replenishment: ReplenishmentService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReplenishPoolProcessor.name);
  }

  async process(job: Job<PoolLow>): Promise<void> {
    const { poolId } = job.data;
    const round = await this.replenishment.replenish(poolId);
    this.logger.info({ jobId: job.id, attempt: job.attemptsStarted, poolId, ...round }, 'pool replenished');
  }
}
