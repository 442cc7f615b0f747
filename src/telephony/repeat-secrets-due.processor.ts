import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { RepeatSecrets } from './repeat-secrets.js';
import { REPEAT_SECRETS_DUE } from './repeat-secrets-due.queue.js';

const EVERY_MS = 60_000;

/** Works `telephony.repeat-secrets-due`. Safe to run twice: what is deleted is deleted. */
@Processor(REPEAT_SECRETS_DUE)
export class RepeatSecretsDueProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(REPEAT_SECRETS_DUE) private readonly queue: Queue,
    private readonly secrets: RepeatSecrets,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(RepeatSecretsDueProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('tick', { every: EVERY_MS }, { name: 'delete', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const secrets = await this.secrets.deleteOld();
    if (secrets > 0) this.logger.debug({ jobId: job.id, secrets }, 'old secrets of calls deleted');
  }
}
