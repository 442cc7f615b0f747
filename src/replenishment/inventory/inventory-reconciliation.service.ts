import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import type { Country } from '../../phone-number/e164.js';
import { ownNumberIn } from '../../phone-number/own-number.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import type { OwnedNumber } from '../../telephony/providers/number-provider.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { inUse } from '../purchases/in-use.js';
import type { ProviderList } from '../purchases/provider-lists.queries.js';
import { PurchaseSettlingService } from '../purchases/purchase-settling.service.js';
import type { ProviderAccount } from '../purchases/provider-account.js';
import { NumberWatchService } from './number-watch.service.js';
import {
  ANY_LIST_BELIEVED_AFTER_SECONDS,
  claimed,
  countOrdered,
  countUnlisted,
  unsettled,
  type OpenPurchase,
} from '../purchases/purchases.queries.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** Compares a pool's numbers with the provider's list. */
@Injectable()
export class InventoryReconciliationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly settling: PurchaseSettlingService,
    private readonly watch: NumberWatchService,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(InventoryReconciliationService.name);
  }

  /**
   * Settles earlier purchases of unknown end, checks the pool's numbers, and takes in other numbers of the account.
   *
   * @param list of the account; it says nothing about numbers that were bought after it was read
   * @returns how many numbers were taken in
   * @throws ProviderUnavailable, ProviderRefused
   */
  async compare(pool: Pool, account: ProviderAccount, list: ProviderList): Promise<number> {
    const owned = list.numbers;
    const unlisted = await this.settlePurchases(pool, account, list);
    const isBelieved = await this.watch.watch(pool, account, list);
    if (unlisted.length > 0) await this.countAgainst(pool, account, owned, unlisted, isBelieved);
    return this.takeInUnknown(pool, account, owned);
  }

  /** Settles the purchases of unknown end that the list contains. @returns the purchases that it does not contain */
  private async settlePurchases(
    pool: Pool,
    { name }: ProviderAccount,
    { readAt, numbers }: ProviderList,
  ): Promise<OpenPurchase[]> {
    const listed = new Map(numbers.map((one) => [one.number, one]));
    const missing: OpenPurchase[] = [];
    for (const purchase of await unsettled(this.dataSource.manager, pool.id, name, this.clock.now())) {
      const rented = listed.get(purchase.number);
      if (rented) await this.settling.own(pool, name, purchase.id, rented);
      else if (purchase.orderedAt <= readAt) missing.push(purchase);
    }
    return missing;
  }

  /**
   * Counts one more list that lacks these purchases, and gives up those that enough lists lack. A list that is wrong
   * about other numbers does not count.
   */
  private async countAgainst(
    pool: Pool,
    account: ProviderAccount,
    owned: readonly OwnedNumber[],
    unlisted: readonly OpenPurchase[],
    isBelieved: boolean,
  ): Promise<void> {
    const now = this.clock.now();
    const counts = isBelieved && !(await this.watch.lacksMany(account, owned));
    const longAgo = addSeconds(now, -ANY_LIST_BELIEVED_AFTER_SECONDS);
    const counted = unlisted.filter(({ orderedAt }) => counts || orderedAt <= longAgo);
    const givenUp = await countUnlisted(
      this.dataSource.manager,
      counted.map(({ id }) => id),
      now,
    );
    for (const number of givenUp) {
      this.metrics.purchases.inc({ pool: pool.name, state: 'failed' });
      this.logger.warn({ poolId: pool.id, virtualNumber: number }, 'purchase given up, no list has its number');
    }
  }

  /** Takes in numbers of the account that fit the pool and serve no other flow, up to the pool's limit. */
  private async takeInUnknown(
    pool: Pool,
    { name, provider }: ProviderAccount,
    owned: readonly OwnedNumber[],
  ): Promise<number> {
    if (name !== pool.provider) return 0;
    const listed = owned.map(({ number }) => number);
    // The claims are read first, because a number that another pool is buying stays claimed until it is in the
    // inventory.
    const claims = await claimed(this.dataSource.manager, listed, this.clock.now());
    const known = await this.numbers.known(listed);
    const unknown = owned.filter((one) => fits(one, pool) && !known.has(one.number) && !claims.has(one.number));
    let room = await this.room(pool);
    let imported = 0;
    for (const number of unknown) {
      const flow = room > 0 ? await provider.flowOf(number.providerId) : 'none';
      if (pool.unknownNumbers === 'report' || room <= 0 || flow === 'other' || flow === 'unknown') {
        await this.report(pool, number, flow === 'other' || flow === 'unknown' ? flow : null);
        continue;
      }
      const { length: added } = await this.numbers.add(pool, name, [number], 'provisioning');
      room -= added;
      imported += added;
    }
    return imported;
  }

  /** Reports each number once. */
  private async report(pool: Pool, { number }: OwnedNumber, flow: 'other' | 'unknown' | null): Promise<void> {
    const why =
      flow === 'other'
        ? 'its calls go elsewhere'
        : flow === 'unknown'
          ? 'the provider does not say where its calls go'
          : pool.unknownNumbers === 'report'
            ? 'unknown numbers are only reported'
            : `the pool has all of its ${pool.maxNumbers} numbers`;
    const detail = `${pool.provider} lists ${number}, which is in no pool. It fits pool ${pool.name} but was not taken in: ${why}.`;
    const event = { kind: 'number.unknown', poolId: pool.id, provider: pool.provider, detail } as const;
    const deduplicationKey = `${pool.id} unknown ${number} ${why}`;
    if (await recordSupplyEvent(this.dataSource.manager, { ...event, deduplicationKey, at: this.clock.now() }))
      this.logger.warn({ poolId: pool.id, virtualNumber: number, flow }, 'number of the account left alone');
  }

  /** How many more numbers the pool may have. */
  private async room(pool: Pool): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    return pool.maxNumbers - inUse(level) - (await countOrdered(this.dataSource.manager, pool.id));
  }
}

function fits({ number, country, region }: OwnedNumber, pool: Pool): boolean {
  if (ownNumberIn(number, pool.country as Country) === null) return false;
  return (country === null || country === pool.country) && (pool.region === null || region === pool.region);
}
