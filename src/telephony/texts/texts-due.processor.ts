import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../../platform/queue/schedule.js';
import { KeptTextsService } from './kept-texts.service.js';
import { TEXTS_DUE } from './texts-due.queue.js';

const EVERY_MS = 60_000;

/** Works `telephony.texts-due`. Safe to run twice: what is forgotten is forgotten. */
@Processor(TEXTS_DUE)
export class TextsDueProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(TEXTS_DUE) private readonly queue: Queue,
    private readonly kept: KeptTextsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(TextsDueProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('tick', { every: EVERY_MS }, { name: 'forget', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const texts = await this.kept.forgetWhatIsDue();
    if (texts > 0) this.logger.info({ jobId: job.id, texts }, 'kept texts forgotten');
  }
}
