import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import type { NumberProvider, NumberWish, OfferedNumber } from '../../telephony/providers/number-provider.js';
import { isUndone, ProviderRefused, ProviderUnavailable } from '../../telephony/providers/provider-errors.js';
import { leaving } from '../../virtual-numbers/numbers/number-release.queries.js';
import { poolLevels } from '../../virtual-numbers/pools/pool-level.queries.js';
import type { ProviderAccount } from './provider-account.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
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
  /** Why nothing more may be bought, from any provider; null = enough was bought, or the provider has no more. */
  readonly stopped: string | null;
  /** Whether the round's time ended before enough was bought. */
  readonly isUnfinished: boolean;
  /** A failure for the next round to retry: a purchase of unknown end, or a number not yet set up; null = none. */
  readonly trouble: unknown;
}

/** The result of one purchase. `unknown`: the provider did not answer, so the number may or may not be ours. */
type Attempt =
  | { readonly is: 'gone' }
  | { readonly is: 'bought'; readonly sold: RentedNumber }
  | { readonly is: 'unknown'; readonly purchaseId: string; readonly trouble: unknown }
  | { readonly is: 'stopped'; readonly why: string };

/** Statuses with which a provider refuses one number. The account may still buy others. */
const THIS_NUMBER_ONLY = new Set([400, 404, 409, 422]);

/** After this many refusals in a row, the provider does not sell to us at all. */
const MOST_REFUSALS = 10;

/** The time for buying in one round. A pool that needs more gets another round at once, so no job takes minutes. */
const BUYING_MS = 45_000;

/** Buys numbers for a pool within its budgets. Each step of a purchase is stored before it is taken. */
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
   * Buys up to `missing` numbers, cheapest first. Skips numbers that are sold or that another pool is buying. A
   * purchase that the provider did not answer counts as bought; after all offers were tried, the provider's list shows
   * its result.
   *
   * @param oneMore is called for each number bought; a later failure does not undo it
   * @throws ProviderUnavailable, ProviderRefused
   */
  async buy(pool: Pool, account: ProviderAccount, missing: number, oneMore: () => void): Promise<Bought> {
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
      for (const offer of await this.candidates(pool, account.provider)) {
        if (bought + unknown.size >= missing || silent === MOST_SILENT || isLate()) break;
        const attempt = await this.buyOne(pool, account, offer, another);
        if (attempt.is === 'stopped') return result({ stopped: attempt.why });
        if (attempt.is === 'gone') continue;
        if (attempt.is === 'bought') {
          count();
          trouble = (await this.settling.configure(account, attempt.sold)) ?? trouble;
        } else {
          silence = attempt.trouble;
          unknown.add(attempt.purchaseId);
          silent += 1;
        }
      }
      if (unknown.size > 0) {
        const settled = await this.settling.settle(pool, account, await this.lists.read(account));
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
    // A number that we are releasing may already be on sale again. Do not buy it before the release is recorded.
    const ours = await leaving(
      this.dataSource.manager,
      offers.map(({ number }) => number),
    );
    const others = offers.filter(({ number }) => !ours.has(number));
    return maxRent === null ? others : others.filter(({ rent }) => rent === null || Number(rent) <= maxRent);
  }

  /** @param another counts a refusal, and returns whether the next number may be tried */
  private async buyOne(
    pool: Pool,
    account: ProviderAccount,
    offer: OfferedNumber,
    another: () => boolean,
  ): Promise<Attempt> {
    const purchaseId = await want(this.dataSource.manager, pool, account.name, offer, this.clock.now());
    if (purchaseId === null) return { is: 'gone' };
    const verdict = await this.orderWithinBudget(pool, account.name, purchaseId, offer.rent);
    if (!verdict.ok) {
      await fail(this.dataSource.manager, purchaseId, verdict.reason, this.clock.now());
      return { is: 'stopped', why: verdict.reason };
    }
    let sold: RentedNumber;
    try {
      sold = await account.provider.buy(offer.number);
    } catch (failure) {
      // The purchase stays `ordered` until the list or the next round shows its result.
      if (failure instanceof ProviderUnavailable && !isUndone(failure))
        return { is: 'unknown', purchaseId, trouble: failure };
      if (!isUndone(failure)) throw failure;
      await fail(this.dataSource.manager, purchaseId, (failure as Error).message, this.clock.now());
      this.metrics.purchases.inc({ pool: pool.name, state: 'failed' });
      const isOfNumber = failure instanceof ProviderRefused && THIS_NUMBER_ONLY.has(failure.status);
      if (!isOfNumber || !another()) throw failure;
      return { is: 'gone' };
    }
    if (!(await this.settling.own(pool, account.name, purchaseId, sold))) return { is: 'gone' };
    return { is: 'bought', sold };
  }

  /**
   * Checks the budgets just before the request to the provider. The lock on the pool keeps two purchases from using the
   * same budget.
   */
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
        return { verdict: { ok: false, reason: 'Another process has settled it.' } as const, pool };
      for (const crossing of verdict.crossings)
        if (await this.recordCrossing(tx, pool, crossing, now)) told.push(crossing);
      return { verdict, pool };
    });
    for (const { budget, percent } of told)
      this.metrics.budgetCrossings.inc({ pool: pool.name, budget, percent: String(percent) });
    return verdict;
  }

  /** Records a crossing once for each period and limit. @returns whether it was new */
  private recordCrossing(
    tx: Parameters<typeof recordSupplyEvent>[0],
    pool: Pool,
    { budget, percent, limit }: Crossing,
    at: Date,
  ): Promise<boolean> {
    const period = at.toISOString().slice(0, budget === 'month' ? 7 : 10);
    const of =
      budget === 'numbers' ? `its ${limit} numbers` : `the ${limit} ${pool.currency} that it may spend a ${budget}`;
    const detail = `Pool ${pool.name} has reached ${percent} % of ${of}.`;
    const deduplicationKey = `${pool.id} ${budget} ${period} ${limit} ${percent}`;
    return recordSupplyEvent(tx, { kind: 'budget.crossed', poolId: pool.id, detail, deduplicationKey, at });
  }
}
