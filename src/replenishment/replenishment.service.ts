import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { AgentAssignmentService } from '../orders/agent-assignment.service.js';
import { Clock } from '../platform/clock/clock.js';
import type { Pool, ProviderName } from '../virtual-numbers/pool.entity.js';
import { PoolsService } from '../virtual-numbers/pools.service.js';
import { VirtualNumbersService } from '../virtual-numbers/virtual-numbers.service.js';
import { DemandRollupService } from './demand-rollup.service.js';
import { GivingBackService } from './giving-back.service.js';
import { inUse } from './in-use.js';
import { InventoryTruthService } from './inventory-truth.service.js';
import { NeedService } from './need.service.js';
import { NumberBuyerService, type Bought, type Shop } from './number-buyer.service.js';
import { NumberSetUpService } from './number-set-up.service.js';
import { NumberWatchService } from './number-watch.service.js';
import { NumberHealthService } from './number-health.service.js';
import { alone } from './pool-round-lock.js';
import { cannotBeHad, CircuitIsOpen, ProviderCircuits } from './provider-circuits.service.js';
import type { ProviderUse } from './provider-circuits.queries.js';
import { abandonWanted, countOrdered } from './purchases.queries.js';

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
    private readonly givingBack: GivingBackService,
    private readonly health: NumberHealthService,
    private readonly need: NeedService,
    private readonly circuits: ProviderCircuits,
    private readonly inventory: InventoryTruthService,
    private readonly setUp: NumberSetUpService,
    private readonly watch: NumberWatchService,
    private readonly buyer: NumberBuyerService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ReplenishmentService.name);
  }

  /**
   * One round for a pool: compares what we know with what its providers list, points new numbers at us, serves waiting
   * orders, and buys what is then missing. Safe to run at any time and to be killed anywhere: a purchase is written down
   * before each of its steps, and the provider's list is read before anything is bought. A provider that fails keeps
   * nobody from what can be done without it.
   *
   * @throws RoundInProgress when another process is at it. After everything else was done: ProviderUnavailable,
   *   ProviderRefused, ProviderNotSetUp.
   */
  async replenish(poolId: string): Promise<Round> {
    return alone(this.dataSource, poolId, async () => {
      this.logger.debug({ poolId }, 'round begun');
      const pool = await this.pools.byId(poolId);
      const troubles: unknown[] = [];
      const ask = async <T>(
        name: ProviderName,
        use: ProviderUse,
        work: (shop: Shop) => Promise<T>,
      ): Promise<T | null> => {
        try {
          return await this.circuits.ask(name, use, work);
        } catch (failure) {
          if (!cannotBeHad(failure)) throw failure;
          troubles.push(failure);
          return null;
        }
      };

      await this.correctCapacities(poolId);
      await this.demand.rollUp(pool);
      await abandonWanted(this.dataSource.manager, poolId, this.clock.now());
      let [imported, configured] = [0, 0];
      const listed = new Set<ProviderName>();
      for (const name of await this.providersOf(pool)) {
        const takenIn = await ask(name, 'inventory', (shop) => this.inventory.compare(pool, shop));
        if (takenIn !== null) listed.add(name);
        imported += takenIn ?? 0;
        await ask(name, 'inventory', (shop) => this.givingBack.release(pool, shop));
        configured += (await ask(name, 'inventory', (shop) => this.setUpProvisioning(pool, shop))) ?? 0;
      }
      await this.watch.moveOrdersOff(pool);
      const rested = await this.health.lookOver(pool);
      const takenBack = await this.givingBack.takeBack(pool, await this.lacking(pool));
      const served = await this.agents.finishAwaiting(poolId);
      const shops = shopsOf(pool).filter((name) => listed.has(name)); // first the list, then the shelf
      const bought = await this.buyMissing(pool, shops, (name, work) => ask(name, 'purchase', work));
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

      const trouble = troubles.find((failure) => !(failure instanceof CircuitIsOpen));
      if (trouble !== undefined) {
        this.logger.info({ poolId, ...round, troubles: troubles.length }, 'round made without a provider');
        throw trouble;
      }
      return round;
    });
  }

  private async correctCapacities(poolId: string): Promise<void> {
    const corrected = await this.pools.correctCapacities(poolId);
    if (corrected > 0) this.logger.warn({ poolId, corrected }, 'capacities of numbers corrected');
  }

  /** Whom it buys from, and whose numbers it has. */
  private async providersOf(pool: Pool): Promise<Set<ProviderName>> {
    return new Set([...shopsOf(pool), ...(await this.numbers.providersIn(pool.id))]);
  }

  private async setUpProvisioning(pool: Pool, shop: Shop): Promise<number> {
    let configured = 0;
    for (const { number, provider, providerId } of await this.numbers.provisioning(pool.id)) {
      if (provider !== shop.name) continue;
      if (await this.setUp.setUp(shop, number, providerId ?? number)) configured += 1;
    }
    return configured;
  }

  /** Buys what the pool lacks, of the first shop; what that one cannot sell, of the next. @returns how many */
  private async buyMissing(
    pool: Pool,
    shops: readonly ProviderName[],
    ask: (name: ProviderName, work: (shop: Shop) => Promise<Bought>) => Promise<Bought | null>,
  ): Promise<number> {
    let bought = 0;
    for (const name of shops) {
      const missing = await this.missing(pool);
      if (missing <= 0) break;
      const before = bought;
      const made = await ask(name, (shop) => this.buyer.buy(pool, shop, missing, () => (bought += 1)));
      if (made?.stopped) {
        this.logger.warn({ poolId: pool.id, missing, why: made.stopped }, 'nothing more may be bought');
        break;
      }
      if (made !== null && bought - before < missing)
        this.logger.warn({ poolId: pool.id, provider: name, missing }, 'provider had no number to sell');
    }
    return bought;
  }

  /** What the pool lacks, whatever it may buy. */
  private async lacking(pool: Pool): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    const ordered = await countOrdered(this.dataSource.manager, pool.id);
    return (await this.need.missing(pool, level, level.numbers.provisioning + ordered)).numbers;
  }

  /** How many numbers to buy: what the pool lacks, within its limit. */
  private async missing(pool: Pool): Promise<number> {
    const { level } = await this.pools.find(pool.name);
    const ordered = await countOrdered(this.dataSource.manager, pool.id);
    return Math.min(await this.lacking(pool), pool.maxNumbers - inUse(level) - ordered);
  }
}

function shopsOf({ provider, alternativeProvider }: Pool): ProviderName[] {
  return alternativeProvider === null ? [provider] : [provider, alternativeProvider];
}
