import { Injectable } from '@nestjs/common';

import { OrdersService } from '../../orders/lifecycle/orders.service.js';
import type { PoolLevel } from '../../virtual-numbers/pools/pool-level.queries.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { ForecastService } from '../forecast/forecast.service.js';

/** Numbers that a link of an order needs. */
const NUMBERS_A_LINK = 2;

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
   * below the low-water mark, and two numbers for each link of the waiting orders.
   *
   * @param coming numbers that are being bought or configured, which are subtracted
   */
  async missing(pool: Pool, level: PoolLevel, coming: number): Promise<Need> {
    const { orders, links } = (await this.orders.waiting(pool.id)) ?? { orders: 0, links: 0 };
    const toTarget = level.assignable + coming < pool.lowWater ? pool.target - level.assignable - coming : 0;
    const forWaiting = links * NUMBERS_A_LINK - coming;
    const forecast = await this.forecasts.forecast(pool, level, coming);
    const numbers = Math.max(toTarget, forWaiting, forecast.missing, 0);
    if (numbers === forecast.missing && forecast.hardest) return { numbers, why: forecast.why };
    if (numbers === 0) return { numbers, why: `${level.assignable} can be assigned and ${coming} are coming: enough.` };
    return {
      numbers,
      why:
        forWaiting > toTarget
          ? `${numbers} more: ${orders} orders wait with ${links} links, ${NUMBERS_A_LINK} each, and ${coming} are coming.`
          : `${numbers} more up to the target of ${pool.target}: ${level.assignable} can be assigned and ${coming} are coming.`,
    };
  }
}
