import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { Clock } from '../platform/clock/clock.js';
import { Metrics } from '../platform/observability/metrics.js';
import {
  ProviderRefused,
  type NumberProvider,
  type NumberWish,
  type OfferedNumber,
} from '../telephony/number-provider.js';
import { leaving } from '../virtual-numbers/giving-back.queries.js';
import { poolLevels } from '../virtual-numbers/pool-level.queries.js';
import type { Pool, ProviderName } from '../virtual-numbers/pool.entity.js';
import { PoolsService } from '../virtual-numbers/pools.service.js';
import { VirtualNumbersService, type RentedNumber } from '../virtual-numbers/virtual-numbers.service.js';
import { BuyingSwitch } from './buying-switch.js';
import { NumberSetUpService } from './number-set-up.service.js';
import { inUse } from './in-use.js';
import { judge, type Crossing, type Verdict } from './purchase-budget.js';
import { countOrdered, fail, order, own, spending, want } from './purchases.queries.js';
import { tell } from './supply-events.queries.js';

/** Where numbers are bought: a provider under its name. */
export interface Shop {
  readonly name: ProviderName;
  readonly provider: NumberProvider;
}

export interface Bought {
  readonly bought: number;
  /** Why no more may be bought, by whichever provider; null when the provider had no more, or enough was bought. */
  readonly stopped: string | null;
}

type Attempt = 'bought' | 'gone' | { readonly stopped: string };

/** Statuses with which a provider refuses one number, not our account: another may still be had. */
const THIS_NUMBER_ONLY = new Set([400, 404, 409, 422]);

/** So many refused in a row are no bad luck: the provider does not sell to us. */
const MOST_REFUSALS = 10;

/** Buys numbers for a pool, within its budgets. A purchase is written down before each of its steps. */
@Injectable()
export class NumberBuyerService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly setUp: NumberSetUpService,
    private readonly buying: BuyingSwitch,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberBuyerService.name);
  }

  /**
   * Buys up to `missing` numbers, cheapest first; what somebody else was quicker to buy, or another pool is buying, is
   * passed by for the next.
   *
   * @param oneMore called when a number is ours, which a failure after it does not undo
   * @throws ProviderUnavailable, when a number may have been bought all the same; ProviderRefused
   */
  async buy(pool: Pool, shop: Shop, missing: number, oneMore: () => void): Promise<Bought> {
    let bought = 0;
    let refusals = 0;
    for (;;) {
      const before = bought;
      for (const offer of await this.candidates(pool, shop.provider)) {
        if (bought === missing) return { bought, stopped: null };
        const another = () => (refusals += 1) < MOST_REFUSALS;
        const attempt = await this.buyOne(pool, shop, offer, { another, oneMore });
        if (typeof attempt === 'object') return { bought, ...attempt };
        if (attempt === 'bought') [bought, refusals] = [bought + 1, 0];
      }
      if (bought === missing || bought === before) return { bought, stopped: null };
    }
  }

  /** The provider has sold a number to the pool: it is in the inventory and the purchase is owned, or neither. */
  async own(pool: Pool, provider: ProviderName, purchaseId: string, rented: RentedNumber): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.add(pool, provider, [rented], 'provisioning', tx);
      await own(tx, purchaseId, rented, this.clock.now());
    });
    this.metrics.purchases.inc({ pool: pool.name, state: 'owned' });
    this.logger.info({ poolId: pool.id, purchaseId, virtualNumber: rented.number }, 'number bought');
  }

  private async candidates(pool: Pool, provider: NumberProvider): Promise<OfferedNumber[]> {
    const { country, region, numberType: type, maxRent } = pool;
    const wish: NumberWish = { country, region, type, texts: pool.texts !== 'off' };
    const offers = await provider.search(wish);
    // On sale again before we know that we gave it back: what is released may not be bought meanwhile.
    const ours = await leaving(
      this.dataSource.manager,
      offers.map(({ number }) => number),
    );
    const others = offers.filter(({ number }) => !ours.has(number));
    return maxRent === null ? others : others.filter(({ rent }) => rent === null || Number(rent) <= maxRent);
  }

  private async buyOne(
    pool: Pool,
    shop: Shop,
    offer: OfferedNumber,
    { another, oneMore }: { another: () => boolean; oneMore: () => void },
  ): Promise<Attempt> {
    const purchaseId = await want(this.dataSource.manager, pool, shop.name, offer, this.clock.now());
    if (purchaseId === null) return 'gone';
    const verdict = await this.orderWithinBudget(pool, shop.name, purchaseId, offer.rent);
    if (!verdict.ok) {
      await fail(this.dataSource.manager, purchaseId, verdict.reason, this.clock.now());
      return { stopped: verdict.reason };
    }
    const sold = await shop.provider.buy(offer.number).catch(async (failure: unknown) => {
      // Anything but a refusal: perhaps bought. It stays as it is, and the next round goes on from there.
      if (!(failure instanceof ProviderRefused)) throw failure;
      await fail(this.dataSource.manager, purchaseId, failure.message, this.clock.now());
      this.metrics.purchases.inc({ pool: pool.name, state: 'failed' });
      if (!THIS_NUMBER_ONLY.has(failure.status) || !another()) throw failure;
      return null;
    });
    if (sold === null) return 'gone';
    await this.own(pool, shop.name, purchaseId, sold);
    oneMore();
    await this.setUp.setUp(shop, sold.number, sold.providerId);
    return 'bought';
  }

  /** The last word before the provider is asked. The pool's lock lets no two purchases see the same budget. */
  private async orderWithinBudget(
    { id }: Pool,
    provider: ProviderName,
    purchaseId: string,
    offeredRent: string | null,
  ): Promise<Verdict> {
    if (!this.buying.isOn) return { ok: false, reason: 'Buying is off for this installation (BUYING=off).' };
    const now = this.clock.now();
    const told: Crossing[] = [];
    const { verdict, pool } = await this.dataSource.transaction(async (tx) => {
      const pool = await this.pools.lock(tx, id);
      const level = (await poolLevels(tx, [id])).get(id)!;
      const numbers = inUse(level) + (await countOrdered(tx, id));
      const verdict = judge(pool, numbers, await spending(tx, pool, provider, now), offeredRent);
      if (!verdict.ok) return { verdict, pool };
      if (!(await order(tx, purchaseId, verdict.rent, now)))
        return { verdict: { ok: false, reason: 'Somebody else has settled it.' } as const, pool };
      for (const crossing of verdict.crossings)
        if (await this.tellCrossing(tx, pool, crossing, now)) told.push(crossing);
      return { verdict, pool };
    });
    for (const { budget, percent } of told)
      this.metrics.budgetCrossings.inc({ pool: pool.name, budget, percent: String(percent) });
    return verdict;
  }

  /** @returns whether it is news: a budget is told once a period and limit, however often it goes up and down there */
  private tellCrossing(
    tx: Parameters<typeof tell>[0],
    pool: Pool,
    { budget, percent, limit }: Crossing,
    at: Date,
  ): Promise<boolean> {
    const period = at.toISOString().slice(0, budget === 'month' ? 7 : 10);
    const of = budget === 'numbers' ? `its ${limit} numbers` : `the ${limit} ${pool.currency} it may spend a ${budget}`;
    const detail = `Pool ${pool.name} has reached ${percent} % of ${of}.`;
    const toldAs = `${pool.id} ${budget} ${period} ${limit} ${percent}`;
    return tell(tx, { kind: 'budget.crossed', poolId: pool.id, detail, toldAs, at });
  }
}
