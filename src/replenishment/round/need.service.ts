import { Injectable } from '@nestjs/common';

import { OrdersService } from '../../orders/lifecycle/orders.service.js';
import type { PoolLevel } from '../../virtual-numbers/pools/pool-level.queries.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { ForecastService } from '../forecast/forecast.service.js';

/** Numbers that an order needs. */
const NUMBERS_AN_ORDER = 2;

/** What a pool lacks. */
export interface Need {
  /** Numbers to buy in addition to owned and coming ones, before limits and budgets. */
  readonly numbers: number;
  /** In one sentence. */
  readonly why: string;
}

/** Decides how many numbers a pool should have. */
@Injectable()
export class NeedService {
  constructor(
    private readonly orders: OrdersService,
    private readonly forecasts: ForecastService,
  ) {}

  /**
   * What the pool lacks: the largest of the forecast for its lead time, the difference to the target if the level is
   * below the low-water mark, and two numbers for each waiting order.
   *
   * @param coming numbers that are being bought or configured, which are subtracted
   */
  async missing(pool: Pool, level: PoolLevel, coming: number): Promise<Need> {
    const waiting = await this.orders.countAwaiting(pool.id);
    const toTarget = level.assignable + coming < pool.lowWater ? pool.target - level.assignable - coming : 0;
    const forWaiting = waiting * NUMBERS_AN_ORDER - coming;
    const forecast = await this.forecasts.forecast(pool, level, coming);
    const numbers = Math.max(toTarget, forWaiting, forecast.missing, 0);
    if (numbers === forecast.missing && forecast.hardest) return { numbers, why: forecast.why };
    if (numbers === 0) return { numbers, why: `${level.assignable} can be assigned and ${coming} are coming: enough.` };
    return {
      numbers,
      why:
        forWaiting > toTarget
          ? `${numbers} more: ${waiting} orders wait, ${NUMBERS_AN_ORDER} each, and ${coming} are coming.`
          : `${numbers} more up to the target of ${pool.target}: ${level.assignable} can be assigned and ${coming} are coming.`,
    };
  }
}
