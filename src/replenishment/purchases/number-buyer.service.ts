import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import {
  isUndone,
  ProviderRefused,
  ProviderUnavailable,
  type NumberProvider,
  type NumberWish,
  type OfferedNumber,
} from '../../telephony/providers/number-provider.js';
import { leaving } from '../../virtual-numbers/numbers/number-release.queries.js';
import { poolLevels } from '../../virtual-numbers/pools/pool-level.queries.js';
import type { ProviderAccount } from './provider-account.js';
import type { Pool, ProviderName } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { BuyingSwitch } from './buying-switch.js';
import { ProviderLists } from './provider-lists.service.js';
import { MOST_SILENT, PurchaseSettlingService } from './purchase-settling.service.js';
import { inUse } from './in-use.js';
import { judge, type Crossing, type Verdict } from './purchase-budget.js';
import { countOrdered, fail, order, spending, want } from './purchases.queries.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

export interface Bought {
  readonly bought: number;
  /** Why no more may be bought, by whichever provider; null when the provider had no more, or enough was bought. */
  readonly stopped: string | null;
  /** Whether more could be bought, and the round's time for it is over. */
  readonly isUnfinished: boolean;
  /** A failure that the next round takes up: a purchase of unknown end, or a number not yet set up. Null = none. */
  readonly trouble: unknown;
}

/** A purchase that was made, or whose end is unknown, with the failure that tells. */
type Attempt =
  | { readonly is: 'gone' }
  | { readonly is: 'bought'; readonly sold: RentedNumber }
  | { readonly is: 'unknown'; readonly purchaseId: string; readonly trouble: unknown }
  | { readonly is: 'stopped'; readonly why: string };

/** Statuses with which a provider refuses one number, not our account: another may still be had. */
const THIS_NUMBER_ONLY = new Set([400, 404, 409, 422]);

/** So many refused in a row are no bad luck: the provider does not sell to us. */
const MOST_REFUSALS = 10;

/** A round buys for so long. A pool that lacks more gets another round at once, so that no job lasts for minutes. */
const BUYING_MS = 45_000;

/** Buys numbers for a pool, within its budgets. A purchase is written down before each of its steps. */
@Injectable()
export class NumberBuyerService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly settling: PurchaseSettlingService,
    private readonly lists: ProviderLists,
    private readonly buying: BuyingSwitch,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Buys up to `missing` numbers, cheapest first. A number that somebody else has bought, or that another pool is buying, is
   * skipped. One whose purchase was not answered is skipped too, and counts; when the shelf is gone through, the provider's
   * list tells what became of it.
   *
   * @param oneMore called when a number is ours, which a failure after it does not undo
   * @throws ProviderUnavailable, ProviderRefused
   */
  async buy(pool: Pool, shop: ProviderAccount, missing: number, oneMore: () => void): Promise<Bought> {
    const giveUpAt = performance.now() + BUYING_MS;
    const isLate = () => performance.now() > giveUpAt;
    let [bought, refusals, silent]: [number, number, number] = [0, 0, 0];
    let [trouble, silence]: unknown[] = [null, null];
    const unknown = new Set<string>();
    const another = () => (refusals += 1) < MOST_REFUSALS;
    const count = () => {
      [bought, refusals, silent] = [bought + 1, 0, 0];
      oneMore();
    };
    const result = (more: Partial<Bought> = {}): Bought => ({
      bought,
      trouble: trouble ?? (unknown.size > 0 ? silence : null),
      stopped: null,
      isUnfinished: false,
      ...more,
    });
    for (;;) {
      const before = bought;
      for (const offer of await this.candidates(pool, shop.provider)) {
        if (bought + unknown.size >= missing || silent === MOST_SILENT || isLate()) break;
        const attempt = await this.buyOne(pool, shop, offer, another);
        if (attempt.is === 'stopped') return result({ stopped: attempt.why });
        if (attempt.is === 'gone') continue;
        if (attempt.is === 'bought') {
          count();
          trouble = (await this.settling.configure(shop, attempt.sold)) ?? trouble;
        } else {
          silence = attempt.trouble;
          unknown.add(attempt.purchaseId);
          silent += 1;
        }
      }
      if (unknown.size > 0) {
        const settled = await this.settling.settle(pool, shop, await this.lists.read(shop));
        for (const id of settled.owned) if (unknown.delete(id)) count();
        trouble = settled.trouble ?? trouble;
        silence = settled.silence ?? silence;
      }
      if (bought === before && unknown.size > 0) throw silence;
      if (bought === before || bought + unknown.size >= missing) return result();
      if (isLate()) return result({ isUnfinished: true });
    }
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

  /** @param another counts a refusal, and says whether the next number may be tried */
  private async buyOne(
    pool: Pool,
    shop: ProviderAccount,
    offer: OfferedNumber,
    another: () => boolean,
  ): Promise<Attempt> {
    const purchaseId = await want(this.dataSource.manager, pool, shop.name, offer, this.clock.now());
    if (purchaseId === null) return { is: 'gone' };
    const verdict = await this.orderWithinBudget(pool, shop.name, purchaseId, offer.rent);
    if (!verdict.ok) {
      await fail(this.dataSource.manager, purchaseId, verdict.reason, this.clock.now());
      return { is: 'stopped', why: verdict.reason };
    }
    let sold: RentedNumber;
    try {
      sold = await shop.provider.buy(offer.number);
    } catch (failure) {
      // It stays as it is until the list, or the next round, tells more.
      if (failure instanceof ProviderUnavailable && !isUndone(failure))
        return { is: 'unknown', purchaseId, trouble: failure };
      if (!isUndone(failure)) throw failure;
      await fail(this.dataSource.manager, purchaseId, (failure as Error).message, this.clock.now());
      this.metrics.purchases.inc({ pool: pool.name, state: 'failed' });
      const isOfNumber = failure instanceof ProviderRefused && THIS_NUMBER_ONLY.has(failure.status);
      if (!isOfNumber || !another()) throw failure;
      return { is: 'gone' };
    }
    await this.settling.own(pool, shop.name, purchaseId, sold);
    return { is: 'bought', sold };
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
    tx: Parameters<typeof recordSupplyEvent>[0],
    pool: Pool,
    { budget, percent, limit }: Crossing,
    at: Date,
  ): Promise<boolean> {
    const period = at.toISOString().slice(0, budget === 'month' ? 7 : 10);
    const of = budget === 'numbers' ? `its ${limit} numbers` : `the ${limit} ${pool.currency} it may spend a ${budget}`;
    const detail = `Pool ${pool.name} has reached ${percent} % of ${of}.`;
    const toldAs = `${pool.id} ${budget} ${period} ${limit} ${percent}`;
    return recordSupplyEvent(tx, { kind: 'budget.crossed', poolId: pool.id, detail, toldAs, at });
  }
}
