import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { AssignmentHistoryService } from './assignment-history.service.js';
import { HISTORY_DUE } from './history-due.queue.js';

const EVERY_DAY_AT_3 = '0 3 * * *';

/** Works `virtual-numbers.history-due`. Safe to run twice: a month is dropped once. */
@Processor(HISTORY_DUE)
export class HistoryDueProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(HISTORY_DUE) private readonly queue: Queue,
    private readonly history: AssignmentHistoryService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(HistoryDueProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('daily', { pattern: EVERY_DAY_AT_3, tz: 'UTC' }, { name: 'drop' }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const months = await this.history.dropOldMonths();
    if (months > 0) this.logger.info({ jobId: job.id, months }, 'old history dropped');
  }
}
