import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { announce } from '../../platform/queue/queue.module.js';

/** A pool may have numbers for the orders that wait for them: some were bought, or given back. */
export const AWAITING_NUMBERS = 'orders.awaiting-numbers';

/** No pool = every pool: the sweep that finds what was never announced. */
export interface AwaitingNumbers {
  readonly poolId?: string;
}

@Injectable()
export class AwaitingNumbersQueue {
  constructor(
    @InjectQueue(AWAITING_NUMBERS) private readonly queue: Queue<AwaitingNumbers>,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(AwaitingNumbersQueue.name);
  }

  /** Call it after the commit. Never rejects; what is not announced here, the sweep finds. */
  async announce(poolId: string): Promise<void> {
    await announce(
      () => this.queue.add('finish', { poolId }, { deduplication: { id: poolId, keepLastIfActive: true } }),
      (err) => this.logger.warn({ err, poolId }, 'numbers not announced, the sweep will see them'),
    );
  }
}
