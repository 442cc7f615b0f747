import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { KeptTextsService } from './kept-texts.service.js';
import { TEXTS_DUE } from './texts-due.queue.js';

const EVERY_MS = 60_000;

/** Works `telephony.texts-due`. Safe to run twice: words are deleted once. */
@Works(TEXTS_DUE)
export class TextsDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'forget', attempts: 1 };

  constructor(
    private readonly kept: KeptTextsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(TextsDueProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const texts = await this.kept.forgetWhatIsDue();
    if (texts > 0) this.logger.info({ jobId: job.id, texts }, 'kept texts forgotten');
  }
}
