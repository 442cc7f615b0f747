import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { announce } from '../../platform/queue/queue.module.js';

/** Events were stored and should be applied. */
export const ORDERS_INTAKE = 'orders.intake';

@Injectable()
export class OrderIntakeQueue {
  constructor(
    @InjectQueue(ORDERS_INTAKE) private readonly queue: Queue,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(OrderIntakeQueue.name);
  }

  /** To be used after the commit. Never rejects; the sweep finds what was not announced. */
  async announce(): Promise<void> {
    await announce(
      (cause) => this.queue.add('apply', {}, { ...cause, deduplication: { id: 'apply', keepLastIfActive: true } }),
      (err) => this.logger.warn({ err }, 'events not announced, the sweep will see them'),
    );
  }
}
