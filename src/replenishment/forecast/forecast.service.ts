import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { pairsOfBusyDialler } from '../../virtual-numbers/assignments/dialler-pairs.queries.js';
import type { PoolLevel } from '../../virtual-numbers/pools/pool-level.queries.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { DemandRollupService } from './demand-rollup.service.js';
import {
  Forecast,
  LONGEST_HORIZON,
  numbersFor,
  QUARTER_MS,
  type Basis,
  type Demand,
  type QuarterNeed,
} from './forecast.js';
import { countOrdered, purchaseSeconds } from '../purchases/purchases.queries.js';

/** The current quarter hour, and one for the round itself. */
const QUARTERS_BESIDES = 2;

/** What a pool will need during its lead time. */
export interface PoolForecast {
  /** Null while too little is measured. */
  readonly basis: Basis | null;
  /** Seconds from requesting a number to having it: the pool's lead time, or what recent purchases took. */
  readonly leadSeconds: number;
  /** Each quarter hour of the lead time. */
  readonly needs: readonly QuarterNeed[];
  /** The quarter hour that needs the most numbers. */
  readonly hardest: QuarterNeed | null;
  /** Numbers in service, and numbers being bought or configured. */
  readonly owned: number;
  readonly coming: number;
  /** Numbers to buy by the forecast alone. */
  readonly missing: number;
  /** In one sentence. */
  readonly why: string;
}

/** Forecasts the numbers that each pool will need. */
@Injectable()
export class ForecastService {
  /** Cached, because measurements change every quarter hour while rounds may run every second. */
  private readonly made = new Map<string, { demand: Demand; madeOf: string; forecast: Forecast }>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly rollup: DemandRollupService,
  ) {}

  /** Numbers of the pool that are being bought or configured. */
  async coming({ poolId, numbers }: PoolLevel): Promise<number> {
    return numbers.provisioning + (await countOrdered(this.dataSource.manager, poolId));
  }

  /** @param coming numbers that are being bought or configured */
  async forecast(pool: Pool, level: PoolLevel, coming: number): Promise<PoolForecast> {
    const measured = await purchaseSeconds(this.dataSource.manager, pool.id);
    const leadSeconds = pool.leadTimeSeconds + Math.ceil(measured);
    const supply = { owned: level.numbers.available, coming };
    const forecast = await this.of(pool);
    if (!forecast || forecast.basis.pattern === 'none') {
      const why = `Too little is measured of this pool yet: its low-water mark of ${pool.lowWater} decides.`;
      return { ...supply, basis: forecast?.basis ?? null, leadSeconds, needs: [], hardest: null, missing: 0, why };
    }
    const needs = forecast.ahead(quartersIn(leadSeconds) + QUARTERS_BESIDES, holding(level));
    const hardest = Forecast.hardest(needs)!;
    const missing = Math.max(0, hardest.numbers - supply.owned - coming);
    const why = inOneSentence(pool, hardest, needs.at(-1)!, supply, missing);
    return { ...supply, basis: forecast.basis, leadSeconds, needs, hardest, missing, why };
  }

  /** Numbers for the orders that hold numbers now. Reads every assignment of the pool. */
  async neededNow({ id, capacity }: Pool, level: PoolLevel): Promise<number> {
    const pairs = await pairsOfBusyDialler(this.dataSource.manager, id);
    const { forOrders, forDiallers } = numbersFor(holding(level), pairs, capacity);
    return forOrders + forDiallers;
  }

  /** Numbers that the pool will not need within the horizon; null while too little is measured. */
  async surplus(pool: Pool, level: PoolLevel, horizonSeconds: number): Promise<number | null> {
    const forecast = await this.of(pool);
    if (forecast?.basis.pattern !== 'week') return null;
    const hardest = Forecast.hardest(forecast.ahead(quartersIn(horizonSeconds) + QUARTERS_BESIDES, holding(level)))!;
    return Math.max(0, level.numbers.available - hardest.numbers);
  }

  private async of(pool: Pool): Promise<Forecast | null> {
    const quarter = await this.rollup.countedUntil(pool);
    if (quarter === null) return null;
    const madeOf = [pool.capacity, pool.channelsPerNumber].join();
    const made = this.made.get(pool.id);
    const isMeasured = made?.demand.quarter.getTime() === quarter.getTime();
    if (isMeasured && made.madeOf === madeOf) return made.forecast;
    const demand = isMeasured ? made.demand : await this.rollup.measured(pool, quarter);
    const forecast = new Forecast(demand, pool);
    this.made.set(pool.id, { demand, madeOf, forecast });
    return forecast;
  }
}

/** Orders that hold numbers now. Each order counts once for each of its numbers. */
function holding({ ordersHeld }: PoolLevel): number {
  return Math.ceil(ordersHeld / 2);
}

function quartersIn(seconds: number): number {
  return Math.min(LONGEST_HORIZON, Math.ceil((1000 * seconds) / QUARTER_MS));
}

function inOneSentence(
  pool: Pool,
  hardest: QuarterNeed,
  last: QuarterNeed,
  { owned, coming }: { owned: number; coming: number },
  missing: number,
): string {
  const { overlap, forOrders, forDiallers, forCalls } = hardest;
  const reason =
    forCalls > forOrders + forDiallers
      ? `calls at once that fill ${forCalls} numbers of ${pool.channelsPerNumber} channels`
      : [
          `${overlap} orders expected to overlap, 2 each`,
          ...(pool.capacity > 1 ? [`${pool.capacity} orders a number`] : []),
          ...(forDiallers > 0 ? [`${forDiallers} for numbers that rest from the busiest dialler`] : []),
        ].join(', ');
  const have = `${owned} owned${coming > 0 ? `, ${coming} coming` : ''}`;
  return missing > 0
    ? `${missing} more by ${hour(hardest.quarter)}: ${reason}, ${have}.`
    : `Enough until ${hour(last.quarter)}: at ${hour(hardest.quarter)} ${reason}, ${have}.`;
}

/** For example 18:30 UTC on 22 Nov. */
function hour(instant: Date): string {
  const [, day, month] = instant.toUTCString().split(' ');
  return `${instant.toISOString().slice(11, 16)} UTC on ${Number(day)} ${month}`;
}
