import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { AssignmentHistoryService } from './assignment-history.service.js';
import { HISTORY_DUE } from './history-due.queue.js';

const EVERY_DAY_AT_3 = '0 3 * * *';

/** Works `virtual-numbers.history-due`. Safe to run twice: a month is dropped once. */
@Works(HISTORY_DUE)
export class HistoryDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'daily', repeat: { pattern: EVERY_DAY_AT_3, tz: 'UTC' }, job: 'drop' };

  constructor(
    private readonly history: AssignmentHistoryService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(HistoryDueProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const months = await this.history.dropOldMonths();
    if (months > 0) this.logger.info({ jobId: job.id, months }, 'old history dropped');
  }
}
