import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { WebhookDeliveryService } from './webhook-delivery.service.js';
import { WEBHOOKS_DELIVER } from './webhook-delivery.queue.js';

const EVERY_MS = 1_000;
const DELETES_EVERY_MS = 10 * 60_000;

/** Works `webhooks.deliver`. Safe to run twice: one process at a time claims an endpoint. */
@Works(WEBHOOKS_DELIVER)
export class WebhookDeliveryProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };
  private deletedAt = -Infinity;

  constructor(
    private readonly delivery: WebhookDeliveryService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(WebhookDeliveryProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    await this.delivery.begin();
    if (performance.now() - this.deletedAt < DELETES_EVERY_MS) return;
    this.deletedAt = performance.now();
    const attempts = await this.delivery.deleteOldAttempts();
    if (attempts > 0) this.logger.info({ jobId: job.id, attempts }, 'old webhook attempts deleted');
  }
}
