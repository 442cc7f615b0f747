import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { ForgottenPhonesService } from '../orders/forgotten-phones.service.js';
import { schedule } from '../platform/queue/schedule.js';
import { RecentTries } from './recent-tries.js';
import { RECENT_TRIES_DUE } from './recent-tries-due.queue.js';
import { WrongPins } from './wrong-pins.js';

const EVERY_MS = 60 * 60 * 1000;

/** Works `telephony.recent-tries-due`. Safe to run twice: what is forgotten is forgotten. */
@Processor(RECENT_TRIES_DUE)
export class RecentTriesDueProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(RECENT_TRIES_DUE) private readonly queue: Queue,
    private readonly tries: RecentTries,
    private readonly wrongPins: WrongPins,
    private readonly phones: ForgottenPhonesService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(RecentTriesDueProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(() => this.queue.upsertJobScheduler('hourly', { every: EVERY_MS }, { name: 'forget' }), this.logger);
  }

  async process(job: Job): Promise<void> {
    const subjects = await this.tries.forget();
    await this.wrongPins.forget();
    await this.phones.forgetStrangers();
    if (subjects > 0) this.logger.info({ jobId: job.id, subjects }, 'old tries forgotten');
  }
}
