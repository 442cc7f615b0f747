import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { AwaitingNumbersQueue } from './awaiting-numbers.queue.js';
import { ORDERS_DUE } from './orders-due.queue.js';
import { OrdersDueService } from './orders-due.service.js';

const EVERY_MS = 1_000;

/** Works `orders.due`. Safe to run twice: an order is due once, and locked while it is worked on. */
@Processor(ORDERS_DUE)
export class OrdersDueProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(ORDERS_DUE) private readonly queue: Queue,
    private readonly due: OrdersDueService,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrdersDueProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('tick', { every: EVERY_MS }, { name: 'tick', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const { freedPools, ...counts } = await this.due.endWhatIsDue();
    for (const poolId of freedPools) await this.awaitingNumbers.announce(poolId);
    if (counts.expired + counts.ended + counts.archived > 0)
      this.logger.info({ jobId: job.id, ...counts }, 'time passed');
  }
}
