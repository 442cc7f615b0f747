import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { ForgottenPhonesService } from '../../orders/participants/forgotten-phones.service.js';
import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { RecentTries } from './recent-tries.js';
import { RECENT_TRIES_DUE } from './recent-tries-due.queue.js';
import { WrongPins } from './wrong-pins.js';

const EVERY_MS = 60 * 60 * 1000;

/** Works `telephony.recent-tries-due`. Safe to run twice: a row is deleted once. */
@Works(RECENT_TRIES_DUE)
export class RecentTriesDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'hourly', repeat: { every: EVERY_MS }, job: 'forget' };

  constructor(
    private readonly tries: RecentTries,
    private readonly wrongPins: WrongPins,
    private readonly phones: ForgottenPhonesService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(RecentTriesDueProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const subjects = await this.tries.forget();
    await this.wrongPins.forget();
    await this.phones.forgetStrangers();
    if (subjects > 0) this.logger.info({ jobId: job.id, subjects }, 'old tries forgotten');
  }
}
