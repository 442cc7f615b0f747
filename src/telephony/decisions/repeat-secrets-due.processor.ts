import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { RepeatSecrets } from './repeat-secrets.js';
import { REPEAT_SECRETS_DUE } from './repeat-secrets-due.queue.js';

const EVERY_MS = 60_000;

/** Works `telephony.repeat-secrets-due`. Safe to run twice: a secret is deleted once. */
@Works(REPEAT_SECRETS_DUE)
export class RepeatSecretsDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'delete', attempts: 1 };

  constructor(
    private readonly secrets: RepeatSecrets,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(RepeatSecretsDueProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const secrets = await this.secrets.deleteOld();
    if (secrets > 0) this.logger.debug({ jobId: job.id, secrets }, 'old secrets of calls deleted');
  }
}
