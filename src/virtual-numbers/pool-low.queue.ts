import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { announce } from '../platform/queue/queue.module.js';

/** A pool may be low: an order was placed, an assignment made, or there was no number to be had. */
export const POOL_LOW = 'virtual-numbers.pool-low';

export interface PoolLow {
  readonly poolId: string;
}

/** News of one pool within this time is one job. */
const QUIET_MS = 1_000;

/** Announces that a pool may be low; the replenishment works it off. */
@Injectable()
export class PoolLowQueue {
  private readonly quiet = new Map<string, NodeJS.Timeout>();
  private readonly missed = new Set<string>();

  constructor(
    @InjectQueue(POOL_LOW) private readonly queue: Queue<PoolLow>,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PoolLowQueue.name);
  }

  /** Call it after the commit. Never rejects; what is not announced here, the next round finds. */
  async announce(poolId: string): Promise<void> {
    if (this.quiet.has(poolId)) {
      this.missed.add(poolId);
      return;
    }
    const timer = setTimeout(() => {
      this.quiet.delete(poolId);
      if (this.missed.delete(poolId)) void this.announce(poolId);
    }, QUIET_MS);
    this.quiet.set(poolId, timer.unref());
    await announce(
      () => this.queue.add('pool-low', { poolId }, { deduplication: { id: poolId, keepLastIfActive: true } }),
      (err) => this.logger.warn({ err, poolId }, 'pool-low not announced, the next round will see it'),
    );
  }
}
