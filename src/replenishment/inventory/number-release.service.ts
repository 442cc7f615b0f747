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
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { ForecastService } from '../forecast/forecast.service.js';
import type { ProviderAccount } from '../purchases/provider-account.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** So many leave in one round at most, so that a forecast that errs is found out before the pool is small. */
const AT_ONCE = 20;
const ALL = 1_000_000;

/**
 * Gives numbers back that nobody will need. A number drains, rests through the quarantine, is retired, and only then is
 * the provider told; each step is in the database before the next, so a crash leaves it where the next round finds it.
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

  /** Lets numbers that drain because they were to go back take orders again: as many as are needed. @returns how many */
  async takeBack(pool: Pool, needed: number): Promise<number> {
    const wanted = pool.giveBackAfterSeconds === null ? ALL : needed;
    const taken = wanted > 0 ? await takeBack(this.dataSource.manager, pool.id, wanted) : 0;
    if (taken > 0) this.logger.info({ poolId: pool.id, taken }, 'numbers taken back');
    return taken;
  }

  /** Moves the pool's surplus a step on its way to the provider. @returns how many numbers were retired */
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

  /** Tells a provider which numbers we give back. Safe to repeat: it takes no number twice. @returns how many */
  async release(pool: Pool, { name, provider }: ProviderAccount): Promise<number> {
    const numbers = await leavingNumbers(this.dataSource.manager, pool.id, name);
    for (const { number, providerId } of numbers) {
      await provider.release(providerId);
      await markReleased(this.dataSource.manager, number);
      this.metrics.numbersGivenBack.inc({ pool: pool.name });
      this.logger.info({ poolId: pool.id, virtualNumber: number }, 'number given back');
    }
    if (numbers.length > 0) {
      const detail = `Pool ${pool.name} has given ${numbers.length} numbers back to ${name}: nobody will need them for ${Math.round((pool.giveBackAfterSeconds ?? 0) / 86_400)} days.`;
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

  /** What neither the forecast needs within the horizon nor the marks. */
  private async surplus(pool: Pool, horizonSeconds: number): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    if ((await this.forecasts.coming(level)) > 0) return 0;
    const unneeded = await this.forecasts.surplus(pool, level, horizonSeconds);
    return Math.max(0, Math.min(unneeded ?? 0, level.assignable - pool.target));
  }
}
