import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../queue/job-processor.js';
import { RETENTION_DUE } from './retention-due.queue.js';
import { RetentionService } from './retention.service.js';

const EVERY_MS = 60 * 60_000;

/** Works `platform.retention-due`. Safe to run twice: a month is created and dropped once, a row deleted once. */
@Works(RETENTION_DUE)
export class RetentionDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'hourly', repeat: { every: EVERY_MS }, job: 'keep' };
  override readonly deadlineMs = 10 * 60_000;

  constructor(
    private readonly retention: RetentionService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(RetentionDueProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    await this.retention.createMonths();
    const months = await this.retention.dropMonths();
    const rows = (await this.retention.deleteRows()) + (await this.retention.deleteExpired());
    if (months.length + rows > 0) this.logger.info({ jobId: job.id, months, rows }, 'old rows deleted');
  }
}
