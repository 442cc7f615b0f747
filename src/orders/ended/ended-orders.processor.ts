import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { SettledEvents } from '../intake/settled-events.service.js';
import { ORDERS_ENDED } from './ended-orders.queue.js';
import { EndedOrdersService } from './ended-orders.service.js';

const EVERY_MS = 10_000;

/** Works `orders.ended`. Safe to run twice: an order is locked while it is moved, and moved once. */
@Works(ORDERS_ENDED)
export class EndedOrdersProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(
    private readonly ended: EndedOrdersService,
    private readonly events: SettledEvents,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(EndedOrdersProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const moved = await this.ended.moveWhatIsOver();
    if (moved > 0) this.logger.info({ jobId: job.id, moved }, 'ended orders moved');
    const events = await this.events.move();
    if (events > 0) this.logger.info({ jobId: job.id, moved: events }, 'settled events moved');
  }
}
