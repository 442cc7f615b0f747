import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { awaitingOrders } from '../order/orders.queries.js';
import { LinkNumbersService } from './link-numbers.service.js';
import { servedEvent } from './served-event.js';

/** Orders that wait for numbers, because their pool was dry. */
@Injectable()
export class AwaitingOrdersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly locks: OrderLocks,
    private readonly pools: PoolsService,
    private readonly numbers: LinkNumbersService,
  ) {}

  /**
   * Assigns numbers to the waiting orders of a pool, oldest first. Safe to run twice and concurrently: each order is
   * checked again under its lock.
   *
   * @returns how many got all their numbers, and how many still wait
   */
  async finishAwaiting(poolId: string): Promise<{ finished: number; waiting: number }> {
    let finished = 0;
    let waiting = 0;
    const orderIds = await awaitingOrders(this.dataSource.manager, poolId);
    for (const [index, id] of orderIds.entries()) {
      try {
        const served = await retryOnConflict(this.dataSource, async (tx) => {
          const open = await this.locks.lockOpenOrInGrace(tx, { id });
          if (open?.order.status !== 'awaiting-numbers') return false; // another process was faster
          await this.numbers.settle(tx, open, { event: servedEvent(open), isDry: false });
          return true;
        });
        if (served) finished += 1;
      } catch (failure) {
        if (!(failure instanceof PoolIsDry)) throw failure;
        if (!(await this.pools.hasNumbers(poolId))) return { finished, waiting: waiting + orderIds.length - index };
        waiting += 1; // dry for this order's participants only; a younger order may still get numbers
      }
    }
    return { finished, waiting };
  }
}
