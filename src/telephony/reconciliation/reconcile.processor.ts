import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { OutgoingCallsService } from '../outgoing/outgoing-calls.service.js';
import { RECONCILE } from './reconcile.queue.js';
import { ReconcileService } from './reconcile.service.js';

const EVERY_MS = 60_000;

/** Works `telephony.reconcile`. Safe to run twice: a call is claimed before its provider is asked. */
@Works(RECONCILE)
export class ReconcileProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(
    private readonly reconciling: ReconcileService,
    private readonly outgoing: OutgoingCallsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReconcileProcessor.name);
  }

  protected async work(job: Job): Promise<void> {
    const looked = await this.outgoing.settleUnknown();
    const counts = { ...(await this.reconciling.askForEnds()), looked };
    if (counts.asked + looked > 0) this.logger.info({ jobId: job.id, ...counts }, 'calls reconciled');
  }
}
