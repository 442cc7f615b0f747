import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../platform/queue/job-processor.js';
import { RESEAL } from './reseal.queue.js';
import { ResealService } from './reseal.service.js';

const EVERY_MS = 60_000;

/** Works `phone-number.reseal`. Safe to run twice: resealed values are not found again. */
@Works(RESEAL)
export class ResealProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(
    private readonly sealing: ResealService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ResealProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const counts = await this.sealing.reseal();
    if (counts.resealed > 0) this.logger.info({ jobId: job.id, ...counts }, 'old values sealed anew');
  }
}
