import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { PoolsService, type PolicyChange, type PoolWithLevel } from '../../virtual-numbers/pools/pools.service.js';
import { ForecastService } from '../forecast/forecast.service.js';
import { BuyingSwitch } from '../purchases/buying-switch.js';
import { inUse } from '../purchases/in-use.js';
import { spentByPool, type Spent } from '../purchases/purchases.queries.js';
import { NeedService } from '../round/need.service.js';
import { changedBetween, effectsOf, type Outlook, type Situation } from './policy-effects.js';

export interface PolicyPreview {
  readonly now: Outlook;
  readonly then: Outlook;
  /** For each field that changes, also for those that follow from others. */
  readonly effects: readonly { readonly field: string; readonly effect: string }[];
}

/** Says what a change of a pool's policy would do, and changes nothing. */
@Injectable()
export class PolicyPreviewService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly need: NeedService,
    private readonly forecasts: ForecastService,
    private readonly buyingSwitch: BuyingSwitch,
  ) {}

  /** @throws PoolNotFound, UnsoundPolicy, TextsUnavailable, ProviderNotSetUp */
  async preview(name: string, change: PolicyChange): Promise<PolicyPreview> {
    const { before, after } = await this.pools.tryOut(name, change);
    const spent = (await spentByPool(this.dataSource.manager, this.clock.now())).get(before.pool.id);
    // One after the other: both use the forecast of the same measurements.
    const now = await this.situation(before, spent);
    const then = await this.situation(after, spent);
    const effects = effectsOf(changedBetween(before.pool, after.pool), then, now);
    return { now: now.outlook, then: then.outlook, effects };
  }

  private async situation(
    { pool: policy, level }: PoolWithLevel,
    spent: Spent = { today: 0, thisMonth: 0 },
  ): Promise<Situation> {
    const coming = await this.forecasts.coming(level);
    const forecast = await this.forecasts.forecast(policy, level, coming);
    const { numbers: lacking, why } = await this.need.missing(policy, level, coming);
    const owned = inUse(level);
    const room = Math.max(0, policy.maxNumbers - owned - (coming - level.numbers.provisioning));
    const mayBuy = policy.buying === 'on' && this.buyingSwitch.isOn;
    const giveBack = policy.giveBackAfterSeconds;
    const outlook = {
      needed: forecast.hardest?.numbers ?? (await this.forecasts.neededNow(policy, level)),
      neededAt: forecast.hardest?.quarter ?? null,
      owned,
      assignable: level.assignable,
      toBuy: mayBuy ? Math.min(lacking, room) : 0,
      why,
    };
    const surplus = giveBack === null ? null : await this.forecasts.surplus(policy, level, giveBack);
    return { policy, outlook, surplus, leadSeconds: forecast.leadSeconds, spent };
  }
}
