import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { CALLS_ENDED } from './calls-ended.queue.js';
import { CallsOfNoOrder } from './calls-of-no-order.service.js';

const EVERY_MS = 60_000;

/** Works `telephony.calls-ended`. Safe to run twice: a call is locked while it is moved, and moved once. */
@Works(CALLS_ENDED)
export class CallsEndedProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(
    private readonly calls: CallsOfNoOrder,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(CallsEndedProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const moved = await this.calls.move();
    if (moved > 0) this.logger.info({ jobId: job.id, moved }, 'calls of no order moved');
  }
}
