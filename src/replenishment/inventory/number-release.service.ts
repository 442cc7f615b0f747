import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import {
  beginGivingBack,
  leavingNumbers,
  markReleased,
  retireDrained,
  takeBack,
} from '../../virtual-numbers/numbers/number-release.queries.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { ForecastService } from '../forecast/forecast.service.js';
import type { ProviderAccount } from '../purchases/provider-account.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** The limit for one round, so that a wrong forecast is noticed before the pool is small. */
const AT_ONCE = 20;
const ALL = 1_000_000;

/**
 * Gives back numbers that nobody will need. A number drains, waits through its quarantine and is retired; only then
 * does the provider release it. Each step is stored before the next, so the next round continues after a crash.
 */
@Injectable()
export class NumberReleaseService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly forecasts: ForecastService,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberReleaseService.name);
  }

  /** Lets numbers that drain because of a surplus take orders again, as many as are needed. @returns how many */
  async takeBack(pool: Pool, needed: number): Promise<number> {
    const wanted = pool.giveBackAfterSeconds === null ? ALL : needed;
    const taken = wanted > 0 ? await takeBack(this.dataSource.manager, pool.id, wanted) : 0;
    if (taken > 0) this.logger.info({ poolId: pool.id, taken }, 'numbers taken back');
    return taken;
  }

  /** Advances the pool's surplus by one step. @returns how many numbers were retired */
  async giveBack(pool: Pool): Promise<number> {
    if (pool.giveBackAfterSeconds === null) return 0;
    const now = this.clock.now();
    const tx = this.dataSource.manager;
    const rested = addSeconds(now, -pool.quarantineSeconds);
    const retired = await retireDrained(tx, pool.id, rested, AT_ONCE);
    const surplus = await this.surplus(pool, pool.giveBackAfterSeconds);
    const draining = surplus > 0 ? await beginGivingBack(tx, pool.id, Math.min(surplus, AT_ONCE), now) : 0;
    if (retired + draining > 0) this.logger.info({ poolId: pool.id, retired, draining }, 'surplus is given back');
    return retired;
  }

  /** Whether the provider has numbers of the pool to release. */
  async isDue({ id }: Pool, provider: ProviderName): Promise<boolean> {
    return (await leavingNumbers(this.dataSource.manager, id, provider)).length > 0;
  }

  /** Has the provider release the retired numbers. Safe to repeat: a number is released once. @returns how many */
  async release(pool: Pool, { name, provider }: ProviderAccount): Promise<number> {
    const numbers = await leavingNumbers(this.dataSource.manager, pool.id, name);
    for (const { number, providerId } of numbers) {
      await provider.release(providerId);
      await markReleased(this.dataSource.manager, number);
      this.metrics.numbersGivenBack.inc({ pool: pool.name });
      this.logger.info({ poolId: pool.id, virtualNumber: number }, 'number given back');
    }
    if (numbers.length > 0) {
      const detail = `Pool ${pool.name} has given ${numbers.length} numbers back to ${name}, because it will not need them for ${Math.round((pool.giveBackAfterSeconds ?? 0) / 86_400)} days.`;
      const event = {
        kind: 'number.given-back',
        poolId: pool.id,
        provider: name,
        detail,
        at: this.clock.now(),
      } as const;
      await recordSupplyEvent(this.dataSource.manager, event);
    }
    return numbers.length;
  }

  /** Assignable numbers above the target that the forecast does not need within the horizon. */
  private async surplus(pool: Pool, horizonSeconds: number): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    if ((await this.forecasts.coming(level)) > 0) return 0;
    const unneeded = await this.forecasts.surplus(pool, level, horizonSeconds);
    return Math.max(0, Math.min(unneeded ?? 0, level.assignable - pool.target));
  }
}
