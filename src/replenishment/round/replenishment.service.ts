import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { AwaitingOrdersService } from '../../orders/links/awaiting-orders.service.js';
import { Clock } from '../../platform/clock/clock.js';
import { ProviderUnavailable } from '../../telephony/providers/provider-errors.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { VirtualNumber } from '../../virtual-numbers/pools/virtual-number.entity.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { DemandRollupService } from '../forecast/demand-rollup.service.js';
import { DryPoolService } from '../purchases/dry-pool.service.js';
import { NumberReleaseService } from '../inventory/number-release.service.js';
import { inUse } from '../purchases/in-use.js';
import { InventoryReconciliationService } from '../inventory/inventory-reconciliation.service.js';
import { NeedService } from './need.service.js';
import { NumberBuyerService } from '../purchases/number-buyer.service.js';
import { NumberSetUpService } from '../purchases/number-set-up.service.js';
import { NumberWatchService } from '../inventory/number-watch.service.js';
import { NumberHealthService } from '../number-health/number-health.service.js';
import { withAdvisoryLock } from '../../platform/database/advisory-lock.js';
import { cannotBeHad, CircuitIsOpen, isTrouble, ProviderCircuits } from '../purchases/provider-circuits.service.js';
import type { ProviderUse } from '../purchases/provider-circuits.queries.js';
import { isCompared, markCompared, type ProviderList } from '../purchases/provider-lists.queries.js';
import { ProviderLists } from '../purchases/provider-lists.service.js';
import { MOST_SILENT, PurchaseSettlingService } from '../purchases/purchase-settling.service.js';
import { abandonWanted, countOrdered, ordered } from '../purchases/purchases.queries.js';
import type { ProviderAccount } from '../purchases/provider-account.js';

export interface Round {
  readonly imported: number;
  readonly bought: number;
  readonly configured: number;
  /** Sick numbers that were put to rest. */
  readonly rested: number;
  /** `takenBack`: numbers of the surplus that are needed after all. `retired`: numbers that go back to the provider. */
  readonly takenBack: number;
  readonly retired: number;
  /** Orders that received their numbers. */
  readonly finished: number;
}

/** The pause before another round when one left something undone. Doubles after each round without progress. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;

/** Keeps each pool supplied. Numbers are bought ahead, never during a request for an order. */
@Injectable()
export class ReplenishmentService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly awaiting: AwaitingOrdersService,
    private readonly demand: DemandRollupService,
    private readonly dryPool: DryPoolService,
    private readonly numberRelease: NumberReleaseService,
    private readonly health: NumberHealthService,
    private readonly need: NeedService,
    private readonly circuits: ProviderCircuits,
    private readonly inventory: InventoryReconciliationService,
    private readonly setUp: NumberSetUpService,
    private readonly watch: NumberWatchService,
    private readonly buyer: NumberBuyerService,
    private readonly settling: PurchaseSettlingService,
    private readonly lists: ProviderLists,
    private readonly poolLow: PoolLowQueue,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ReplenishmentService.name);
  }

  /**
   * Runs one round for a pool: compares our numbers with its providers' lists, sets up new numbers, serves waiting
   * orders, and buys what is still missing. Safe to run at any time, and to be killed at any point: each step of a
   * purchase is stored before it is taken, and nothing is bought from a provider whose list was not read in the last
   * minute. A failing provider does not stop the work that needs no provider. If a round leaves something undone for a
   * temporary reason, it announces another one.
   *
   * @param list `now` reads the providers' lists; `when-due` uses lists that are up to about a minute old
   * @param tries number of rounds without progress before this one
   * @throws TaskInProgress if another process runs a round for this pool
   * @throws ProviderUnavailable, ProviderRefused, ProviderNotSetUp after everything else was done
   */
  async replenish(
    poolId: string,
    { list = 'now', tries = 0 }: { list?: 'now' | 'when-due'; tries?: number } = {},
  ): Promise<Round> {
    return withAdvisoryLock(this.dataSource, `replenish ${poolId}`, async () => {
      this.logger.debug({ poolId }, 'round begun');
      const pool = await this.pools.byId(poolId);
      const troubles: unknown[] = [];
      const ask: Ask = async (name, use, work, hasWorked) => {
        try {
          return await this.circuits.ask(name, use, work, hasWorked);
        } catch (failure) {
          if (!cannotBeHad(failure)) throw failure;
          troubles.push(failure);
          return null;
        }
      };

      await this.correctCapacities(poolId);
      await this.demand.rollUp(pool);
      await abandonWanted(this.dataSource.manager, poolId, this.clock.now());
      let [imported, configured, settled] = [0, 0, 0];
      const lists = new Map<ProviderName, ProviderList>();
      for (const name of await this.providersOf(pool)) {
        const compared = await ask(name, 'inventory', (account) => this.compare(pool, account, list));
        if (compared !== null) lists.set(name, compared.list);
        imported += compared?.imported ?? 0;
        // Work that sends no request must not close the circuit of a provider whose list fails.
        if (await this.numberRelease.isDue(pool, name))
          await ask(name, 'inventory', (account) => this.numberRelease.release(pool, account));
        const provisioning = (await this.numbers.provisioning(poolId)).filter(({ provider }) => provider === name);
        if (provisioning.length > 0) {
          const setUp = await ask(name, 'inventory', (account) => this.setUpAll(provisioning, account, troubles));
          configured += setUp ?? 0;
        }
        if (compared !== null) settled += await this.settle(pool, name, compared.list, ask, troubles);
      }
      await this.watch.replaceLostNumbers(pool);
      const rested = await this.health.restSickNumbers(pool);
      let lack = await this.lack(pool);
      const takenBack = await this.numberRelease.takeBack(pool, lack.lacking);
      const served = await this.awaiting.finishAwaiting(poolId);
      if (takenBack + served.finished > 0) lack = await this.lack(pool);
      const providers = purchaseProviders(pool).filter((name) => lists.has(name)); // never buy from a provider whose list is unknown
      const made = await this.buyMissing(pool, providers, lack, ask, troubles);
      const bought = made.bought + settled;
      const servedNow = bought > 0 ? await this.awaiting.finishAwaiting(poolId) : { finished: 0 };
      const retired = bought + takenBack === 0 ? await this.numberRelease.giveBack(pool) : 0;
      const round = {
        imported,
        bought,
        configured,
        rested,
        takenBack,
        retired,
        finished: served.finished + servedNow.finished,
      };

      if (bought > 0 || troubles.length > 0) lack = await this.lack(pool);
      const trouble = troubles.find((failure) => !(failure instanceof CircuitIsOpen));
      await this.dryPool.report(pool, {
        numbers: pool.maxNumbers - lack.room,
        stopped: made.stopped,
        trouble: troubles.length > 0 ? (troubles[0] as Error).message : null,
        coming: lack.ordered + lack.provisioning,
      });
      const isUndone = lack.ordered + lack.provisioning > 0 || Math.min(lack.lacking, lack.room) > 0;
      const mayPass = made.isUnfinished || lack.ordered > 0 || troubles.some(isTrouble);
      if (isUndone && mayPass) {
        const gotOn = imported + bought + configured > 0;
        await this.announceAgain(poolId, gotOn ? 0 : tries, made.isUnfinished ? [] : troubles);
      }
      if (trouble !== undefined) {
        this.logger.info({ poolId, ...round, troubles: troubles.length }, 'round made without a provider');
        throw trouble;
      }
      return round;
    });
  }

  /** After 2 s at first, after 15 s at most, and not before a provider's circuit closes. */
  private async announceAgain(poolId: string, tries: number, troubles: readonly unknown[]): Promise<void> {
    const waits = troubles.flatMap((failure) =>
      failure instanceof ProviderUnavailable ? (failure.options.retryAfterMs ?? []) : [],
    );
    const backoff = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
    const pause = (backoff * (1 + Math.random())) / 2;
    await this.poolLow.announceAgain(
      poolId,
      tries + 1,
      Math.round(Math.max(pause, waits.length > 0 ? Math.min(...waits) : 0)),
    );
  }

  /** Compares the pool with the provider's list, unless the pool was compared with that list before. */
  private async compare(
    pool: Pool,
    account: ProviderAccount,
    when: 'now' | 'when-due',
  ): Promise<{ readonly list: ProviderList; readonly imported: number }> {
    const tx = this.dataSource.manager;
    const orderedAt = (await ordered(tx, pool.id, account.name)).at(-1)?.orderedAt ?? null;
    const list = when === 'now' ? await this.lists.read(account) : await this.lists.latest(account, orderedAt);
    if (when !== 'now' && (await isCompared(tx, pool.id, account.name, list))) return { list, imported: 0 };
    const imported = await this.inventory.compare(pool, account, list);
    await markCompared(tx, pool.id, account.name, list);
    return { list, imported };
  }

  /** Repeats purchases of earlier rounds that the list lacks. @returns how many numbers were bought */
  private async settle(
    pool: Pool,
    name: ProviderName,
    list: ProviderList,
    ask: Ask,
    troubles: unknown[],
  ): Promise<number> {
    if ((await ordered(this.dataSource.manager, pool.id, name)).length === 0) return 0;
    const settled = await ask(name, 'purchase', async (account) => {
      const made = await this.settling.settle(pool, account, list);
      if (made.owned.length === 0 && made.silence !== null) throw made.silence;
      return made;
    });
    if (settled?.trouble) troubles.push(settled.trouble);
    return settled?.owned.length ?? 0;
  }

  private async correctCapacities(poolId: string): Promise<void> {
    const corrected = await this.pools.correctCapacities(poolId);
    if (corrected > 0) this.logger.warn({ poolId, corrected }, 'capacities of numbers corrected');
  }

  /** The providers from which the pool buys, and those whose numbers it has. */
  private async providersOf(pool: Pool): Promise<Set<ProviderName>> {
    return new Set([...purchaseProviders(pool), ...(await this.numbers.providersIn(pool.id))]);
  }

  /** One failing number does not stop the others; several failures in a row do. */
  private async setUpAll(
    provisioning: readonly VirtualNumber[],
    account: ProviderAccount,
    troubles: unknown[],
  ): Promise<number> {
    let [configured, silent] = [0, 0];
    for (const { number, providerId } of provisioning) {
      try {
        if (await this.setUp.setUp(account, number, providerId ?? number)) configured += 1;
        silent = 0;
      } catch (failure) {
        silent += 1;
        if (!(failure instanceof ProviderUnavailable) || silent === MOST_SILENT) throw failure;
        troubles.push(failure);
      }
    }
    return configured;
  }

  /** Buys what the pool lacks from its first provider, and the rest from its alternative provider. */
  private async buyMissing(
    pool: Pool,
    providers: readonly ProviderName[],
    lack: Lack,
    ask: Ask,
    troubles: unknown[],
  ): Promise<{ readonly bought: number; readonly isUnfinished: boolean; readonly stopped: string | null }> {
    let bought = 0;
    for (const name of providers) {
      const before = bought;
      const { lacking, room } = bought > 0 ? await this.lack(pool) : lack;
      const missing = Math.min(lacking, room);
      if (missing <= 0) break;
      const made = await ask(
        name,
        'purchase',
        (account) => this.buyer.buy(pool, account, missing, () => (bought += 1)),
        () => bought > before,
      );
      if (made === null) continue;
      if (made.trouble) troubles.push(made.trouble);
      if (made.stopped) {
        this.logger.warn({ poolId: pool.id, missing, why: made.stopped }, 'nothing more may be bought');
        return { bought, isUnfinished: false, stopped: made.stopped };
      }
      if (made.isUnfinished) return { bought, isUnfinished: true, stopped: null };
      if (bought - before < missing && !made.trouble)
        this.logger.warn({ poolId: pool.id, provider: name, missing }, 'provider had no number to sell');
    }
    return { bought, isUnfinished: false, stopped: null };
  }

  private async lack(pool: Pool): Promise<Lack> {
    const { level } = await this.pools.findById(pool.id);
    const ordered = await countOrdered(this.dataSource.manager, pool.id);
    const { provisioning } = level.numbers;
    const { numbers: lacking } = await this.need.missing(pool, level, provisioning + ordered);
    return { lacking, room: pool.maxNumbers - inUse(level) - ordered, ordered, provisioning };
  }
}

/** What a pool lacks, before budgets, and how much it may still have. */
interface Lack {
  readonly lacking: number;
  /** How many more numbers the pool may have. */
  readonly room: number;
  /** Purchases of unknown end. */
  readonly ordered: number;
  readonly provisioning: number;
}

/** Runs `work` with a provider. Collects the failure and returns null if the provider cannot be used. */
type Ask = <T>(
  name: ProviderName,
  use: ProviderUse,
  work: (account: ProviderAccount) => Promise<T>,
  hasWorked?: () => boolean,
) => Promise<T | null>;

function purchaseProviders({ provider, alternativeProvider }: Pool): ProviderName[] {
  return alternativeProvider === null ? [provider] : [provider, alternativeProvider];
}
