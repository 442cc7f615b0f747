import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { announce } from '../../platform/queue/queue.module.js';

/** A pool may have numbers for its waiting orders, because some were bought or released. */
export const AWAITING_NUMBERS = 'orders.awaiting-numbers';

/** Without a pool, all pools: the sweep that finds what was not announced. */
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

  /** To be used after the commit. Never rejects; the sweep finds what was not announced. */
  async announce(poolId: string): Promise<void> {
    await announce(
      (cause) =>
        this.queue.add('finish', { poolId }, { ...cause, deduplication: { id: poolId, keepLastIfActive: true } }),
      (err) => this.logger.warn({ err, poolId }, 'numbers not announced, the sweep will see them'),
    );
  }
}
