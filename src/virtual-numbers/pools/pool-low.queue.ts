import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { JobsOptions, Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

import { announce } from '../../platform/queue/queue.module.js';

/** A pool may be low: an order was placed, numbers were assigned, or no number was free. */
export const POOL_LOW = 'virtual-numbers.pool-low';

export interface PoolLow {
  readonly poolId: string;
  /** Whether to read the provider's list now, or only if the last one is old. Default: when due. */
  readonly list?: 'now' | 'when-due';
  /** Number of rounds without progress before this one. Default 0. */
  readonly tries?: number;
}

/** The name of jobs that `announceAgain` adds. */
export const POOL_LOW_AGAIN = 'pool-low-again';

/** Announcements of one pool within this time become one job. */
const QUIET_MS = 1_000;

/** Announces that a pool may be low. Replenishment works these jobs. */
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

  /** Announces a round that reads the provider's list, whenever it was read before. Never rejects. */
  async announceInventory(poolId: string): Promise<void> {
    await this.add('pool-low', { poolId, list: 'now' }, { deduplication: { id: `${poolId} list` } });
  }

  /** Announces a later round, unless one is already announced. Never rejects. */
  async announceAgain(poolId: string, tries: number, delayMs: number): Promise<void> {
    const deduplication = { id: `${poolId} again` };
    await this.add(POOL_LOW_AGAIN, { poolId, tries }, { delay: delayMs, deduplication });
  }

  /** To be used after the commit. Never rejects; the next round finds what was not announced. */
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
    await this.add('pool-low', { poolId }, { deduplication: { id: poolId, keepLastIfActive: true } });
  }

  private async add(name: string, data: PoolLow, options: JobsOptions): Promise<void> {
    await announce(
      (cause) => this.queue.add(name, data, { ...cause, ...options }),
      (err) => this.logger.warn({ err, poolId: data.poolId }, 'pool-low not announced, the next round will see it'),
    );
  }
}
