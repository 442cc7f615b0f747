import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { RESEAL } from './reseal.queue.js';
import { ResealService } from './reseal.service.js';

const EVERY_MS = 60_000;

/** Works `phone-number.reseal`. Safe to run twice: a value that is sealed anew is not found again. */
@Processor(RESEAL)
export class ResealProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(RESEAL) private readonly queue: Queue,
    private readonly sealing: ResealService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ResealProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('tick', { every: EVERY_MS }, { name: 'tick', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const counts = await this.sealing.reseal();
    if (counts.resealed > 0) this.logger.info({ jobId: job.id, ...counts }, 'old values sealed anew');
  }
}
