import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { TAKEN_OVER_SOON } from '../platform/queue/queue.module.js';
import { PoolsService } from '../virtual-numbers/pools.service.js';
import { RoundInProgress } from './pool-round-lock.js';
import { REPLENISHMENT_ROUND } from './replenishment-round.queue.js';
import { ReplenishmentService } from './replenishment.service.js';

const EVERY_MS = 60_000;

/** Works `replenishment.round`: every pool, one after the other. Safe to run twice: see the round itself. */
@Processor(REPLENISHMENT_ROUND, TAKEN_OVER_SOON)
export class ReplenishmentRoundProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(REPLENISHMENT_ROUND) private readonly queue: Queue,
    private readonly replenishment: ReplenishmentService,
    private readonly pools: PoolsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReplenishmentRoundProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('round', { every: EVERY_MS }, { name: 'round', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    for (const poolId of await this.pools.ids()) {
      try {
        const round = await this.replenishment.replenish(poolId);
        this.logger.info({ jobId: job.id, poolId, ...round }, 'round made');
      } catch (err) {
        if (err instanceof RoundInProgress) continue;
        this.logger.warn({ jobId: job.id, poolId, err }, 'round broken off, the next one takes it up');
      }
    }
  }
}
