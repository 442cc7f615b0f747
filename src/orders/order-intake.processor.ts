import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { ORDERS_INTAKE } from './order-intake.queue.js';
import { OrderIntakeService } from './order-intake.service.js';

const SWEEP_EVERY_MS = 1_000;

/** Works `orders.intake`. Safe to run twice: an event is claimed before it is applied, and applying it again changes nothing. */
@Processor(ORDERS_INTAKE)
export class OrderIntakeProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(ORDERS_INTAKE) private readonly queue: Queue,
    private readonly intake: OrderIntakeService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrderIntakeProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('sweep', { every: SWEEP_EVERY_MS }, { name: 'sweep', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const counts = await this.intake.applyStored();
    if (counts.applied + counts.rejected > 0) this.logger.info({ jobId: job.id, ...counts }, 'events applied');
  }
}
