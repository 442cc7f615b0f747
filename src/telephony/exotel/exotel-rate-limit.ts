import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Optional } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { RateLimiterPostgres, RateLimiterQueue, RateLimiterQueueError } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

import { sharedPool } from '../../platform/database/statement.js';
import { ProviderNotAsked } from '../providers/provider-errors.js';
import { ExotelConfig } from './exotel-config.js';

/** How long a request waits for its turn before it is given up. */
export const LONGEST_WAIT_MS = 30_000;

/** Grants turns within the rate limit. */
export type Turns = Pick<ExotelRateLimit, 'takeTurn' | 'standStill'>;

/**
 * Keeps the requests of all processes within the account's rate limit at Exotel. Each process serves its requests in
 * order.
 */
@Injectable()
export class ExotelRateLimit {
  private readonly limiter: RateLimiterPostgres;
  private readonly turns: RateLimiterQueue;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly config: ExotelConfig,
    @Optional() private readonly longestWaitMs: number = LONGEST_WAIT_MS,
  ) {
    this.limiter = new RateLimiterPostgres({
      storeClient: sharedPool(dataSource),
      storeType: 'pool',
      tableName: 'provider_rate_limits',
      tableCreated: true,
      keyPrefix: 'exotel',
      points: config.requestsPerSecond,
      duration: 1,
      clearExpiredByTimeout: false, // one row for each account, overwritten
    });
    // With more waiting requests, another one would not get its turn in time.
    this.turns = new RateLimiterQueue(this.limiter, {
      maxQueueSize: (config.requestsPerSecond * longestWaitMs) / 1000,
    });
  }

  /**
   * Pauses all processes for the time that Exotel asked for. Without the database, only this request waits.
   *
   * @param ms at most a few seconds
   */
  async standStill(ms: number): Promise<void> {
    await this.limiter.block(this.config.account.sid, ms / 1_000).catch(() => sleep(ms));
  }

  /**
   * Waits until another request to Exotel is allowed.
   *
   * @throws ProviderNotAsked if no turn came in time (to the second) or the database did not answer; then Exotel must
   *   not be asked
   */
  async takeTurn(): Promise<void> {
    const giveUpAtSeconds = Math.ceil((Date.now() + this.longestWaitMs) / 1000);
    await this.turns.removeTokens(1, this.config.account.sid, giveUpAtSeconds).catch((cause: unknown) => {
      throw new ProviderNotAsked(
        cause instanceof RateLimiterQueueError
          ? `Exotel was not asked: too many requests wait for their turn, and one waits ${this.longestWaitMs} ms at most.`
          : 'Exotel was not asked: the database that shares its rate among the processes did not answer.',
        { cause },
      );
    });
  }
}
