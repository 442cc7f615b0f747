import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource, EntityManager } from 'typeorm';

import { LostNumberReplacementService } from '../../orders/participants/lost-number-replacement.service.js';
import type { E164 } from '../../phone-number/e164.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { recentlyActiveNumbers } from '../../telephony/interactions/recently-active-numbers.queries.js';
import { ProviderRefused, type NumberFlow, type OwnedNumber } from '../../telephony/providers/number-provider.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import type { VirtualNumber } from '../../virtual-numbers/pools/virtual-number.entity.js';
import type { ProviderList } from '../purchases/provider-lists.queries.js';
import type { ProviderAccount } from '../purchases/provider-account.js';
import {
  checksOf,
  markChecked,
  markLost,
  rememberListed,
  rememberUnlisted,
  type NumberCheck,
} from './number-checks.queries.js';
import { NumberSetUpService } from '../purchases/number-set-up.service.js';
import type { SupplyEventKind } from '../supply-events/supply-event.entity.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** A list does not say where its numbers' calls go, and the provider's rate is small: so many are asked a round. */
const CHECKED_A_ROUND = 10;
const CHECKED_EVERY_SECONDS = 60 * 60;
/** Numbers that a list lacks are asked one by one, so many a round. */
const ASKED_AFTER_A_ROUND = 20;
/** A provider that loses more than one number in five at once, and more than one, is not believed at once… */
const LOST_AT_ONCE = { most: 0.2, least: 2 } as const;
/** …but only when its lists have lacked them for so long. */
const BELIEVED_AFTER_SECONDS = 10 * 60;
/** Whoever brought us a call or a text to a number so lately has that number. */
const HEARD_OF_SECONDS = 15 * 60;

/**
 * Looks after the numbers that we have: whether the provider still has them, and whether their calls still reach us. A
 * number that no list has had is an operator's word, and left alone.
 */
@Injectable()
export class NumberWatchService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly numbers: VirtualNumbersService,
    private readonly setUp: NumberSetUpService,
    private readonly moveOff: LostNumberReplacementService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberWatchService.name);
  }

  /**
   * Compares a pool's numbers with the provider's list. One that it lacks is asked for by itself before it counts as
   * lost: a list comes page by page and may lie. Where it lacks many, or one that has just carried a call, the provider
   * itself may be mistaken, and nothing is taken for lost until it has said so for a while.
   *
   * @returns whether the list is to be believed; not when the provider has a number of ours that it lacks
   * @throws ProviderUnavailable, ProviderRefused
   */
  async watch(pool: Pool, shop: ProviderAccount, { readAt, numbers: owned }: ProviderList): Promise<boolean> {
    const now = this.clock.now();
    const known = (await this.numbers.inUseAt(pool.id, shop.name)).filter(({ createdAt }) => createdAt <= readAt);
    const ours = new Map(known.map((one) => [one.number, one]));
    const listed = new Map(owned.filter(({ number }) => ours.has(number)).map((one) => [one.number, one]));
    await rememberListed(this.dataSource.manager, [...listed.keys()], now);
    await this.numbers.learnProviderIds([...listed.values()]);
    const unlisted = [...ours.keys()].filter((number) => !listed.has(number));
    if (unlisted.length > 0) await rememberUnlisted(this.dataSource.manager, unlisted, now);
    const checks = await checksOf(this.dataSource.manager, [...ours.keys()]);

    for (const { number, lostAt } of checks)
      if (lostAt !== null && listed.has(number)) await this.backAgain(pool, shop, number);

    const missing = checks.filter(({ number, lostAt }) => lostAt === null && !listed.has(number));
    const isBelieved = missing.length === 0 || (await this.askAfterAll(pool, shop, missing, ours, owned));

    const uncheckedSince = addSeconds(now, -CHECKED_EVERY_SECONDS);
    const toCheck = checks.filter(
      ({ number, checkedAt }) =>
        listed.has(number) && isInService(ours.get(number)!) && (checkedAt === null || checkedAt <= uncheckedSince),
    );
    for (const { number } of toCheck.slice(0, CHECKED_A_ROUND))
      await this.check(pool, shop, number, listed.get(number)!.providerId);
    return isBelieved;
  }

  /** Whether a list lacks so many of our numbers, in all pools, that it is likelier to be wrong than they are to be gone. */
  async lacksMany({ name }: ProviderAccount, owned: readonly OwnedNumber[]): Promise<boolean> {
    const listed = new Set(owned.map(({ number }) => number));
    const checks = await checksOf(this.dataSource.manager, await this.numbers.everyInUseAt(name));
    const known = checks.filter(({ lostAt }) => lostAt === null);
    const lacked = known.filter(({ number }) => !listed.has(number)).length;
    return lacked >= LOST_AT_ONCE.least && lacked > LOST_AT_ONCE.most * known.length;
  }

  /** Moves orders off numbers that cannot be dialled; those for which there was no other number are tried again. */
  async moveOrdersOff(pool: Pool): Promise<void> {
    for (const number of await this.numbers.outOfReachWithOrders(pool.id)) {
      const { moved, stuck } = await this.moveOff.moveOff(number);
      if (moved + stuck > 0)
        this.logger.warn({ poolId: pool.id, virtualNumber: number, moved, stuck }, 'orders moved off');
    }
  }

  /** @returns whether the provider has none of those that its list lacks, and is to be believed in that */
  private async askAfterAll(
    pool: Pool,
    shop: ProviderAccount,
    missing: readonly NumberCheck[],
    ours: ReadonlyMap<E164, VirtualNumber>,
    owned: readonly OwnedNumber[],
  ): Promise<boolean> {
    const now = this.clock.now();
    const lacksMany = await this.lacksMany(shop, owned);
    const numbers = missing.map(({ number }) => number);
    const heardOf = await recentlyActiveNumbers(this.dataSource.manager, numbers, addSeconds(now, -HEARD_OF_SECONDS));
    let [has, doubted] = [0, 0];
    for (const { number, unlistedSince } of missing.slice(0, ASKED_AFTER_A_ROUND)) {
      if ((await flowOrLost(shop, ours.get(number)!.providerId ?? number)) !== 'lost') {
        await markChecked(this.dataSource.manager, number, now);
        has += 1;
      } else if (heardOf.has(number) || (lacksMany && addSeconds(unlistedSince!, BELIEVED_AFTER_SECONDS) > now)) {
        doubted += 1;
      } else {
        const detail = `${shop.name} does not have ${number} of pool ${pool.name} any more: its orders get another number.`;
        await this.takeOut(pool, shop, number, 'number.lost', detail);
      }
    }
    if (doubted > 0) await this.tellDoubt(pool, shop, missing, doubted);
    return has + doubted === 0 && !lacksMany;
  }

  /** Once for all rounds in which the same numbers are lacking. */
  private async tellDoubt(
    pool: Pool,
    shop: ProviderAccount,
    missing: readonly NumberCheck[],
    doubted: number,
  ): Promise<void> {
    const since = missing.map(({ unlistedSince }) => unlistedSince!.toISOString()).toSorted()[0]!;
    const detail = `${shop.name} denies ${missing.length} numbers of pool ${pool.name}, so many at once, or so soon after a call through one, that it is not believed yet: they serve on.`;
    const event = { kind: 'list.doubted', poolId: pool.id, provider: shop.name, detail, at: this.clock.now() } as const;
    const isNews = await recordSupplyEvent(this.dataSource.manager, {
      ...event,
      toldAs: `${pool.id} ${shop.name} doubted ${since}`,
    });
    if (isNews)
      this.logger.error({ poolId: pool.id, provider: shop.name, missing: missing.length, doubted }, 'list doubted');
  }

  private async check(pool: Pool, shop: ProviderAccount, number: E164, providerId: string): Promise<void> {
    const before = await flowOrLost(shop, providerId);
    if (before === 'lost') return; // the list was older than the answer: the next round finds out
    if (before === 'other' || before === 'none') {
      const after = await this.setUp.pointAtUs(shop.provider, providerId);
      if (after !== 'ours') {
        const detail = `Calls to ${number} of pool ${pool.name} do not reach us, and ${shop.name} does not change that: its orders get another number.`;
        return this.takeOut(pool, shop, number, 'number.out-of-reach', detail);
      }
      const detail = `Calls to ${number} of pool ${pool.name} went elsewhere; ${shop.name} sends them to us again.`;
      await this.tell(this.dataSource.manager, pool, shop, 'number.pointed-at-us-again', detail);
      this.logger.warn({ poolId: pool.id, virtualNumber: number, flow: before }, 'number pointed at us again');
    }
    await markChecked(this.dataSource.manager, number, this.clock.now());
  }

  /** Its orders are moved when all numbers were looked after: none to one that is lost as well. */
  private async takeOut(
    pool: Pool,
    shop: ProviderAccount,
    number: E164,
    kind: 'number.lost' | 'number.out-of-reach',
    detail: string,
  ): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.suspend(number, tx);
      await markLost(tx, number, this.clock.now());
      await this.tell(tx, pool, shop, kind, detail);
    });
    this.logger.error({ poolId: pool.id, virtualNumber: number, kind }, 'number suspended');
  }

  /** It has to show once more that its calls reach us. */
  private async backAgain(pool: Pool, shop: ProviderAccount, number: E164): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.setUpAgain(number, tx);
      await markLost(tx, number, null);
      await this.tell(tx, pool, shop, 'number.back', `${shop.name} has ${number} of pool ${pool.name} again.`);
    });
    this.logger.info({ poolId: pool.id, virtualNumber: number }, 'number back');
  }

  private async tell(
    tx: EntityManager,
    pool: Pool,
    shop: ProviderAccount,
    kind: SupplyEventKind,
    detail: string,
  ): Promise<void> {
    await recordSupplyEvent(tx, { kind, poolId: pool.id, provider: shop.name, detail, at: this.clock.now() });
  }
}

function isInService({ status }: VirtualNumber): boolean {
  return status === 'available' || status === 'resting' || status === 'draining';
}

async function flowOrLost({ provider }: ProviderAccount, providerId: string): Promise<NumberFlow | 'lost'> {
  return provider.flowOf(providerId).catch((failure: unknown) => {
    if (failure instanceof ProviderRefused && failure.status === 404) return 'lost';
    throw failure;
  });
}
