import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { TaskInProgress } from '../../platform/database/advisory-lock.js';
import { REPLENISHMENT_ROUND } from './replenishment-round.queue.js';
import { ReplenishmentService } from './replenishment.service.js';

const EVERY_MS = 60_000;

/** Works `replenishment.round`: runs a round for each pool in turn. Safe to run twice, as each round is. */
@Works(REPLENISHMENT_ROUND)
export class ReplenishmentRoundProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'round', repeat: { every: EVERY_MS }, job: 'round', attempts: 1 };
  /** With a low rate limit of the provider, a round can take minutes. */
  override readonly deadlineMs = 15 * 60 * 1000;

  constructor(
    private readonly replenishment: ReplenishmentService,
    private readonly pools: PoolsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReplenishmentRoundProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    for (const poolId of await this.pools.ids()) {
      try {
        const round = await this.replenishment.replenish(poolId, { list: 'when-due' });
        this.logger.info({ jobId: job.id, poolId, ...round }, 'round made');
      } catch (err) {
        if (err instanceof TaskInProgress) continue;
        this.logger.warn({ jobId: job.id, poolId, err }, 'round broken off, the next one takes it up');
      }
    }
  }
}
