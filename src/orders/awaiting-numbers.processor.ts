import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { PoolsService } from '../virtual-numbers/pools.service.js';
import { AgentAssignmentService } from './agent-assignment.service.js';
import { AWAITING_NUMBERS, type AwaitingNumbers } from './awaiting-numbers.queue.js';

const SWEEP_EVERY_MS = 5_000;

/** Works `orders.awaiting-numbers`. Safe to run twice: each order is looked at again under its lock. */
@Processor(AWAITING_NUMBERS)
export class AwaitingNumbersProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(AWAITING_NUMBERS) private readonly queue: Queue<AwaitingNumbers>,
    private readonly agents: AgentAssignmentService,
    private readonly pools: PoolsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(AwaitingNumbersProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('sweep', { every: SWEEP_EVERY_MS }, { name: 'sweep', data: {} }),
      this.logger,
    );
  }

  async process(job: Job<AwaitingNumbers>): Promise<void> {
    const { poolId } = job.data;
    for (const id of poolId === undefined ? await this.pools.ids() : [poolId]) {
      const { finished, waiting } = await this.agents.finishAwaiting(id);
      if (finished > 0) this.logger.info({ jobId: job.id, poolId: id, finished, waiting }, 'orders got their numbers');
    }
  }
}
