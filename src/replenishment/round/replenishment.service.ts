import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { AgentAssignmentService } from '../../orders/participants/agent-assignment.service.js';
import { Clock } from '../../platform/clock/clock.js';
import { ProviderUnavailable } from '../../telephony/providers/number-provider.js';
import type { Pool, ProviderName } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
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
  /** Sick numbers that take no more orders. */
  readonly rested: number;
  /** Numbers that were to go back to the provider, and are needed after all; numbers that were retired, and go. */
  readonly takenBack: number;
  readonly retired: number;
  /** Orders that got their numbers. */
  readonly finished: number;
}

/** Before the next round after one that left something undone; twice as long after each that got nowhere. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** Keeps each pool supplied. Numbers are bought ahead, never within an order's request. */
@Injectable()
export class ReplenishmentService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly agents: AgentAssignmentService,
    private readonly demand: DemandRollupService,
    private readonly dryPool: DryPoolService,
    private readonly givingBack: NumberReleaseService,
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
   * One round for a pool: compares what we know with what its providers list, points new numbers at us, serves waiting
   * orders, and buys what is then missing. Safe to run at any time and to be killed anywhere: a purchase is written down
   * before each of its steps, and nothing is bought of a provider whose list was not read in the last minute. A provider
   * that fails keeps nobody from what can be done without it. A round that leaves something undone for a reason that may
   * pass announces another one.
   *
   * @param list whether the providers' lists are read now, or only those that were last read about a minute ago
   * @param tries how many rounds before this one got nowhere
   * @throws TaskInProgress when another process is at it. After everything else was done: ProviderUnavailable,
   *   ProviderRefused, ProviderNotSetUp.
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
        const compared = await ask(name, 'inventory', (shop) => this.compare(pool, shop, list));
        if (compared !== null) lists.set(name, compared.list);
        imported += compared?.imported ?? 0;
        await ask(name, 'inventory', (shop) => this.givingBack.release(pool, shop));
        configured += (await ask(name, 'inventory', (shop) => this.setUpProvisioning(pool, shop, troubles))) ?? 0;
        if (compared !== null) settled += await this.settle(pool, name, compared.list, ask, troubles);
      }
      await this.watch.moveOrdersOff(pool);
      const rested = await this.health.lookOver(pool);
      let lack = await this.lack(pool);
      const takenBack = await this.givingBack.takeBack(pool, lack.lacking);
      const served = await this.agents.finishAwaiting(poolId);
      if (takenBack + served.finished > 0) lack = await this.lack(pool);
      const shops = shopsOf(pool).filter((name) => lists.has(name)); // first the list, then the shelf
      const made = await this.buyMissing(pool, shops, lack, ask, troubles);
      const bought = made.bought + settled;
      const servedNow = bought > 0 ? await this.agents.finishAwaiting(poolId) : { finished: 0 };
      const retired = bought + takenBack === 0 ? await this.givingBack.giveBack(pool) : 0;
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

  /** The first again after 2 s, after a minute at most; never before a provider is asked again that is left alone. */
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

  /** Compares the pool with the provider's list, unless it was compared with this one before. */
  private async compare(
    pool: Pool,
    shop: ProviderAccount,
    when: 'now' | 'when-due',
  ): Promise<{ readonly list: ProviderList; readonly imported: number }> {
    const tx = this.dataSource.manager;
    const orderedAt = (await ordered(tx, pool.id, shop.name)).at(-1)?.orderedAt ?? null;
    const list = when === 'now' ? await this.lists.read(shop) : await this.lists.latest(shop, orderedAt);
    if (when !== 'now' && (await isCompared(tx, pool.id, shop.name, list))) return { list, imported: 0 };
    const imported = await this.inventory.compare(pool, shop, list);
    await markCompared(tx, pool.id, shop.name, list);
    return { list, imported };
  }

  /** Asks once more for what an earlier round ordered and the list does not have. @returns how many numbers that made */
  private async settle(
    pool: Pool,
    name: ProviderName,
    list: ProviderList,
    ask: Ask,
    troubles: unknown[],
  ): Promise<number> {
    if ((await ordered(this.dataSource.manager, pool.id, name)).length === 0) return 0;
    const settled = await ask(name, 'purchase', async (shop) => {
      const made = await this.settling.settle(pool, shop, list);
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

  /** Whom it buys from, and whose numbers it has. */
  private async providersOf(pool: Pool): Promise<Set<ProviderName>> {
    return new Set([...shopsOf(pool), ...(await this.numbers.providersIn(pool.id))]);
  }

  /** One that fails does not keep the others; some in a row do. */
  private async setUpProvisioning(pool: Pool, shop: ProviderAccount, troubles: unknown[]): Promise<number> {
    let [configured, silent] = [0, 0];
    for (const { number, provider, providerId } of await this.numbers.provisioning(pool.id)) {
      if (provider !== shop.name) continue;
      try {
        if (await this.setUp.setUp(shop, number, providerId ?? number)) configured += 1;
        silent = 0;
      } catch (failure) {
        silent += 1;
        if (!(failure instanceof ProviderUnavailable) || silent === MOST_SILENT) throw failure;
        troubles.push(failure);
      }
    }
    return configured;
  }

  /** Buys what the pool lacks, of the first shop; what that one cannot sell, of the next. */
  private async buyMissing(
    pool: Pool,
    shops: readonly ProviderName[],
    lack: Lack,
    ask: Ask,
    troubles: unknown[],
  ): Promise<{ readonly bought: number; readonly isUnfinished: boolean; readonly stopped: string | null }> {
    let bought = 0;
    for (const name of shops) {
      const before = bought;
      const { lacking, room } = bought > 0 ? await this.lack(pool) : lack;
      const missing = Math.min(lacking, room);
      if (missing <= 0) break;
      const made = await ask(
        name,
        'purchase',
        (shop) => this.buyer.buy(pool, shop, missing, () => (bought += 1)),
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

/** What a pool lacks, whatever it may buy, and what keeps it from it. */
interface Lack {
  readonly lacking: number;
  /** How many numbers more it may have. */
  readonly room: number;
  /** Purchases whose end is unknown. */
  readonly ordered: number;
  readonly provisioning: number;
}

/** Does something with a provider, or notes why not. @returns null then */
type Ask = <T>(
  name: ProviderName,
  use: ProviderUse,
  work: (shop: ProviderAccount) => Promise<T>,
  hasWorked?: () => boolean,
) => Promise<T | null>;

function shopsOf({ provider, alternativeProvider }: Pool): ProviderName[] {
  return alternativeProvider === null ? [provider] : [provider, alternativeProvider];
}
