import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { isUndone, ProviderRefused, ProviderUnavailable } from '../../telephony/providers/provider-errors.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { VirtualNumbersService, type RentedNumber } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { BuyingSwitch } from './buying-switch.js';
import { inUse } from './in-use.js';
import { isOfAccount, NumberSetUpService } from './number-set-up.service.js';
import type { ProviderList } from './provider-lists.queries.js';
import {
  countOrdered,
  failIfBoughtByAnother,
  ordered,
  orderedAt,
  own,
  type OpenPurchase,
} from './purchases.queries.js';
import type { ProviderAccount } from './provider-account.js';

export interface Settled {
  /** Ids of the purchases that were found to be sold, or were sold on the second request. */
  readonly owned: readonly string[];
  /** Ids of the purchases whose end is still unknown. */
  readonly unknown: readonly string[];
  /** A failure to set up a number that is ours, for the next round to retry; null = none. */
  readonly trouble: unknown;
  /** The last failure of a repeated purchase that is still of unknown end; null = none. */
  readonly silence: unknown;
}

/** After this many unanswered requests in a row, the provider counts as down. */
export const MOST_SILENT = 3;

/** Finds out the result of purchases that the provider did not answer. */
@Injectable()
export class PurchaseSettlingService {
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
    logger.setContext(PurchaseSettlingService.name);
  }

  /**
   * Stores a sold number. Adding it to the inventory and marking the purchase as owned commit together. Two pools may
   * have ordered a number one after the other; if the answer to the second is lost, the provider's list shows a number
   * that the first has bought.
   *
   * @returns false if another purchase has bought the number; this one has failed then
   */
  async own(pool: Pool, provider: ProviderName, purchaseId: string, rented: RentedNumber): Promise<boolean> {
    const isItsOwn = await this.dataSource.transaction(async (tx) => {
      const boughtAt = await orderedAt(tx, purchaseId);
      const added = await this.numbers.add(pool, provider, [rented], 'provisioning', tx, boughtAt);
      if (added.length === 0 && (await failIfBoughtByAnother(tx, purchaseId, this.clock.now()))) return false;
      await own(tx, purchaseId, rented, this.clock.now());
      return true;
    });
    if (!isItsOwn) return false;
    this.metrics.purchases.inc({ pool: pool.name, state: 'owned' });
    this.logger.info({ poolId: pool.id, purchaseId, virtualNumber: rented.number }, 'number bought');
    return true;
  }

  /**
   * Points a bought number at us. If the provider is unavailable, the number stays provisioning.
   *
   * @returns that failure; null = none
   * @throws ProviderRefused if the provider refuses the account
   */
  async configure(account: ProviderAccount, { number, providerId }: RentedNumber): Promise<ProviderUnavailable | null> {
    try {
      await this.setUp.setUp(account, number, providerId);
      return null;
    } catch (failure) {
      if (!(failure instanceof ProviderUnavailable)) throw failure;
      return failure;
    }
  }

  /**
   * Takes in the pool's purchases that the list contains, and repeats the request for the others. A number can be sold
   * only once, so this cannot buy two. A purchase that is refused now stays unknown: the first request may have bought
   * the number, and the list may be late.
   *
   * @param list read after the purchases were made
   * @throws ProviderUnavailable, ProviderRefused
   */
  async settle(pool: Pool, account: ProviderAccount, list: ProviderList): Promise<Settled> {
    const listed = new Map<string, RentedNumber>(list.numbers.map((one) => [one.number, one]));
    const [owned, unknown]: [string[], string[]] = [[], []];
    let [trouble, silence, silent]: [unknown, unknown, number] = [null, null, 0];
    const mayOrder = await this.mayOrderAgain(pool.id);
    for (const purchase of await ordered(this.dataSource.manager, pool.id, account.name)) {
      let sold = listed.get(purchase.number) ?? null;
      if (sold === null && mayOrder && isOfToday(purchase, this.clock.now()) && silent < MOST_SILENT) {
        const again = await this.orderAgain(account, purchase);
        if (again instanceof ProviderUnavailable) {
          silent += 1;
          silence = again;
        } else {
          silent = 0;
          sold = again;
        }
      }
      if (sold === null) unknown.push(purchase.id);
      else if (await this.own(pool, account.name, purchase.id, sold)) {
        owned.push(purchase.id);
        trouble = (await this.configure(account, sold)) ?? trouble;
      }
    }
    return { owned, unknown, trouble, silence };
  }

  /**
   * Only the switches and the number limit are checked again. The money was counted when the purchase was first
   * ordered.
   */
  private async mayOrderAgain(poolId: string): Promise<boolean> {
    const { pool, level } = await this.pools.findById(poolId);
    const numbers = inUse(level) + (await countOrdered(this.dataSource.manager, poolId));
    return this.buying.isOn && pool.buying === 'on' && numbers <= pool.maxNumbers;
  }

  /** @returns the number; null if it was refused; the failure if the end is unknown again */
  private async orderAgain(
    { provider }: ProviderAccount,
    { number }: OpenPurchase,
  ): Promise<RentedNumber | ProviderUnavailable | null> {
    try {
      return await provider.buy(number);
    } catch (failure) {
      if (failure instanceof ProviderRefused && !isOfAccount(failure)) return null;
      if (!(failure instanceof ProviderUnavailable) || isUndone(failure)) throw failure;
      return failure;
    }
  }
}

/** By UTC days, as budgets are counted. */
function isOfToday({ orderedAt }: OpenPurchase, now: Date): boolean {
  return orderedAt.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
}
