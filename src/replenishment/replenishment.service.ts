import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { OrdersService } from '../orders/orders.service.js';
import type { E164 } from '../phone-number/e164.js';
import { Clock } from '../platform/clock/clock.js';
import { Metrics } from '../platform/observability/metrics.js';
import { ProviderRefused, type NumberProvider, type OwnedNumber } from '../telephony/number-provider.js';
import { NumberProviders } from '../telephony/number-providers.js';
import type { PoolLevel } from '../virtual-numbers/pool-level.queries.js';
import type { Pool } from '../virtual-numbers/pool.entity.js';
import { PoolsService } from '../virtual-numbers/pools.service.js';
import { VirtualNumbersService, type RentedNumber } from '../virtual-numbers/virtual-numbers.service.js';
import { NeedService } from './need.service.js';
import { alone } from './pool-round-lock.js';
import { markConfigured, openPurchases, order, settle } from './purchases.queries.js';

export interface Round {
  readonly imported: number;
  readonly bought: number;
  readonly configured: number;
  /** Orders that got their numbers. */
  readonly finished: number;
}

/** A provider may show a number only a while after selling it; until then a purchase that is not listed stays open. */
const LISTED_WITHIN_MS = 2 * 60_000;

/** Statuses with which a provider refuses one number, not our account: another may still be had. */
const THIS_NUMBER_ONLY = new Set([400, 404, 409, 422]);

/** Keeps each pool between its low-water mark and its target. Numbers are bought ahead, never within an order's request. */
@Injectable()
export class ReplenishmentService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly orders: OrdersService,
    private readonly need: NeedService,
    private readonly providers: NumberProviders,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ReplenishmentService.name);
  }

  /**
   * One round for a pool: settles what an earlier one left open, takes in what the account already owns, points new
   * numbers at us, serves waiting orders, and buys what is then missing. Safe to run at any time and to be killed
   * anywhere: a purchase is written down before the provider is asked, and the provider's list is read before anything
   * is bought.
   *
   * @throws RoundInProgress when another process is at it; ProviderNotSetUp, ProviderUnavailable, ProviderRefused.
   */
  async replenish(poolId: string): Promise<Round> {
    return alone(this.dataSource, poolId, async () => {
      const pool = await this.pools.byId(poolId);
      const provider = this.providers.of(pool.provider);
      const owned = await provider.list();
      await this.settleOpenPurchases(pool, owned);
      const imported = await this.importOwned(pool, provider, owned);
      const configured = await this.configureProvisioning(pool, provider);
      const served = await this.orders.finishAwaiting(poolId);
      const bought = await this.buyMissing(pool, provider);
      const servedNow = bought > 0 ? await this.orders.finishAwaiting(poolId) : { finished: 0 };
      return { imported, bought, configured, finished: served.finished + servedNow.finished };
    });
  }

  /** Asks the provider's list what became of purchases whose answer we never got. */
  private async settleOpenPurchases(pool: Pool, owned: readonly OwnedNumber[]): Promise<void> {
    for (const purchase of await openPurchases(this.dataSource.manager, pool.id)) {
      const rented = owned.find(({ number }) => number === purchase.number);
      const now = this.clock.now();
      if (rented) await this.own(pool, purchase.id, rented);
      else if (now.getTime() - purchase.orderedAt.getTime() > LISTED_WITHIN_MS) {
        await settle(this.dataSource.manager, purchase.id, 'failed', now, { reason: 'never listed by the provider' });
        this.metrics.purchases.inc({ pool: pool.name, state: 'failed' });
      }
    }
  }

  /** Takes in numbers of the account that fit the pool and serve nothing else, up to the pool's limit. */
  private async importOwned(pool: Pool, provider: NumberProvider, owned: readonly OwnedNumber[]): Promise<number> {
    const known = await this.numbers.known(owned.map(({ number }) => number));
    const fitting = owned.filter((one) => fits(one, pool) && !known.has(one.number));
    let room = await this.room(pool);
    let imported = 0;
    for (const number of fitting) {
      if (room <= 0) break;
      const flow = await provider.flowOf(number.providerId);
      if (flow === 'ours' || flow === 'none') {
        const added = await this.numbers.add(pool, [number], 'provisioning');
        room -= added;
        imported += added;
      } else {
        this.logger.warn({ poolId: pool.id, virtualNumber: number.number, flow }, 'number of the account left alone');
      }
    }
    return imported;
  }

  private async configureProvisioning(pool: Pool, provider: NumberProvider): Promise<number> {
    let configured = 0;
    for (const number of await this.numbers.provisioning(pool.id)) {
      if (await this.configure(provider, number.number, number.providerId!)) configured += 1;
    }
    return configured;
  }

  /** Points a new number at us, reads back that it took, and only then lets it be assigned. */
  private async configure(provider: NumberProvider, number: E164, providerId: string): Promise<boolean> {
    try {
      let flow = await provider.flowOf(providerId);
      if (flow !== 'ours') {
        const answered = await provider.configure(providerId);
        const readBack = await provider.flowOf(providerId);
        flow = readBack === 'unknown' ? answered : readBack;
      }
      if (flow === 'ours') {
        await this.numbers.makeAvailable(number);
        await markConfigured(this.dataSource.manager, number);
        return true;
      }
      this.logger.error({ virtualNumber: number, flow }, 'number does not keep our flow');
    } catch (err) {
      if (!(err instanceof ProviderRefused) || !THIS_NUMBER_ONLY.has(err.status)) throw err;
      this.logger.error({ virtualNumber: number, err }, 'number could not be configured');
    }
    return false;
  }

  private async buyMissing(pool: Pool, provider: NumberProvider): Promise<number> {
    let missing = await this.missing(pool);
    let bought = 0;
    while (missing > 0) {
      // A number whose purchase is open may be ours already, although the provider still offers it.
      const open = new Set((await openPurchases(this.dataSource.manager, pool.id)).map(({ number }) => number));
      const offers = (await provider.search(pool)).filter(({ number }) => !open.has(number));
      const before = bought;
      for (const { number } of offers.slice(0, missing)) bought += await this.buy(pool, provider, number);
      missing -= bought - before;
      if (bought === before) {
        this.logger.warn({ poolId: pool.id, missing }, 'provider had no number to sell');
        break;
      }
    }
    return bought;
  }

  /** @returns 1 when the number is ours now, 0 when it was not to be had */
  private async buy(pool: Pool, provider: NumberProvider, number: E164): Promise<0 | 1> {
    if ((await this.room(pool)) <= 0) return 0;
    const purchaseId = await order(this.dataSource.manager, pool, number, this.clock.now());
    if (purchaseId === null) return 0;
    try {
      const rented = await provider.buy(number);
      await this.own(pool, purchaseId, rented);
      await this.configure(provider, rented.number, rented.providerId);
      return 1;
    } catch (failure) {
      if (!(failure instanceof ProviderRefused)) throw failure; // perhaps bought: it stays open, the next round reads the list
      await settle(this.dataSource.manager, purchaseId, 'failed', this.clock.now(), { reason: failure.message });
      this.metrics.purchases.inc({ pool: pool.name, state: 'failed' });
      if (!THIS_NUMBER_ONLY.has(failure.status)) throw failure;
      return 0;
    }
  }

  private async own(pool: Pool, purchaseId: string, rented: RentedNumber): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.add(pool, [rented], 'provisioning', tx);
      await settle(tx, purchaseId, 'owned', this.clock.now(), rented);
    });
    this.metrics.purchases.inc({ pool: pool.name, state: 'owned' });
    this.logger.info({ poolId: pool.id, purchaseId, virtualNumber: rented.number }, 'number bought');
  }

  /** How many numbers to buy: what the pool lacks, within its limit. */
  private async missing(pool: Pool): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    const coming = level.numbers.provisioning + (await openPurchases(this.dataSource.manager, pool.id)).length;
    const { numbers } = await this.need.missing(pool, level, coming);
    return Math.min(numbers, await this.room(pool));
  }

  /** How many numbers the pool may still get. */
  private async room(pool: Pool): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    const open = await openPurchases(this.dataSource.manager, pool.id);
    return pool.maxNumbers - inUse(level) - open.length;
  }
}

function inUse({ numbers }: PoolLevel): number {
  return numbers.provisioning + numbers.available + numbers.draining + numbers.resting + numbers.suspended;
}

function fits({ country, region }: OwnedNumber, pool: Pool): boolean {
  return (country === null || country === pool.country) && (pool.region === null || region === pool.region);
}
