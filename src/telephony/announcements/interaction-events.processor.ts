import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { INTERACTION_EVENTS } from './interaction-events.queue.js';
import { InteractionEvents } from './interaction-events.service.js';

const EVERY_MS = 1_000;

/** Works `telephony.interaction-events`. Safe to run twice: one process at a time announces. */
@Works(INTERACTION_EVENTS)
export class InteractionEventsProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(
    private readonly events: InteractionEvents,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(InteractionEventsProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const announced = await this.events.announce();
    if (announced > 0) this.logger.debug({ jobId: job.id, announced }, 'calls and texts announced');
  }
}
