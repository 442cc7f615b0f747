import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { schedule } from '../platform/queue/schedule.js';
import { OutgoingCallsService } from './outgoing/outgoing-calls.service.js';
import { RECONCILE } from './reconcile.queue.js';
import { ReconcileService } from './reconcile.service.js';

const EVERY_MS = 60_000;

/** Works `telephony.reconcile`. Safe to run twice: a call is claimed before its provider is asked. */
@Processor(RECONCILE)
export class ReconcileProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(RECONCILE) private readonly queue: Queue,
    private readonly reconciling: ReconcileService,
    private readonly outgoing: OutgoingCallsService,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(ReconcileProcessor.name);
  }

  async onApplicationBootstrap(): Promise<void> {
    await schedule(
      () => this.queue.upsertJobScheduler('tick', { every: EVERY_MS }, { name: 'tick', opts: { attempts: 1 } }),
      this.logger,
    );
  }

  async process(job: Job): Promise<void> {
    const looked = await this.outgoing.settleUnknown();
    const counts = { ...(await this.reconciling.askForEnds()), looked };
    if (counts.asked + looked > 0) this.logger.info({ jobId: job.id, ...counts }, 'calls reconciled');
  }
}
