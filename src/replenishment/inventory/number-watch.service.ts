import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource, EntityManager } from 'typeorm';

import { LostNumberReplacementService } from '../../orders/links/lost-number-replacement.service.js';
import type { E164 } from '../../phone-number/e164.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { recentlyActiveNumbers } from '../../telephony/interactions/recently-active-numbers.queries.js';
import type { NumberFlow, OwnedNumber } from '../../telephony/providers/number-provider.js';
import { ProviderRefused } from '../../telephony/providers/provider-errors.js';
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

/**
 * Numbers whose flow is read in one round. A list does not contain the flow, and the provider's rate limit is small.
 */
const CHECKED_A_ROUND = 10;
const CHECKED_EVERY_SECONDS = 60 * 60;
/** Numbers missing from a list that are looked up one by one in one round. */
const ASKED_AFTER_A_ROUND = 20;
/** A list that lacks more than this share of the numbers, and at least this many, is doubted. */
const LOST_AT_ONCE = { most: 0.2, least: 2 } as const;
/** A doubted list is believed when the lists have lacked the same numbers for this long. */
const BELIEVED_AFTER_SECONDS = 10 * 60;
/** A number that carried a call or a text within this time is not lost. */
const RECENTLY_ACTIVE_SECONDS = 15 * 60;

/**
 * Checks the numbers that we have: whether the provider still has them, and whether it sends us their calls. A number
 * that no list has ever contained was imported by an operator and is not checked.
 */
@Injectable()
export class NumberWatchService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly numbers: VirtualNumbersService,
    private readonly setUp: NumberSetUpService,
    private readonly lostNumberReplacement: LostNumberReplacementService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberWatchService.name);
  }

  /**
   * Compares a pool's numbers with the provider's list. A number that the list lacks is looked up by itself before it
   * counts as lost, because lists come in pages and may be incomplete. If many numbers are missing, or one that has
   * just carried a call, the list is doubted and no number is suspended for ten minutes.
   *
   * @returns whether the list can be trusted; false if the provider has a number of ours that the list lacks
   * @throws ProviderUnavailable, ProviderRefused
   */
  async watch(pool: Pool, account: ProviderAccount, { readAt, numbers: owned }: ProviderList): Promise<boolean> {
    const now = this.clock.now();
    const known = (await this.numbers.inUseAt(pool.id, account.name)).filter(({ createdAt }) => createdAt <= readAt);
    const ours = new Map(known.map((one) => [one.number, one]));
    const listed = new Map(owned.filter(({ number }) => ours.has(number)).map((one) => [one.number, one]));
    await rememberListed(this.dataSource.manager, [...listed.keys()]);
    await this.numbers.learnProviderIds([...listed.values()]);
    const unlisted = [...ours.keys()].filter((number) => !listed.has(number));
    if (unlisted.length > 0) await rememberUnlisted(this.dataSource.manager, unlisted, now);
    const checks = await checksOf(this.dataSource.manager, [...ours.keys()]);

    for (const { number, lostAt } of checks)
      if (lostAt !== null && listed.has(number)) await this.restore(pool, account, number);

    const missing = checks.filter(({ number, lostAt }) => lostAt === null && !listed.has(number));
    const isBelieved = missing.length === 0 || (await this.lookUpMissing(pool, account, missing, ours, owned));

    const uncheckedSince = addSeconds(now, -CHECKED_EVERY_SECONDS);
    const toCheck = checks.filter(
      ({ number, checkedAt }) =>
        listed.has(number) && isInService(ours.get(number)!) && (checkedAt === null || checkedAt <= uncheckedSince),
    );
    for (const { number } of toCheck.slice(0, CHECKED_A_ROUND))
      await this.check(pool, account, number, listed.get(number)!.providerId);
    return isBelieved;
  }

  /** Whether the list lacks so many of our numbers, over all pools, that the list is more likely to be wrong. */
  async lacksMany({ name }: ProviderAccount, owned: readonly OwnedNumber[]): Promise<boolean> {
    const listed = new Set(owned.map(({ number }) => number));
    const checks = await checksOf(this.dataSource.manager, await this.numbers.everyInUseAt(name));
    const known = checks.filter(({ lostAt }) => lostAt === null);
    const lacked = known.filter(({ number }) => !listed.has(number)).length;
    return lacked >= LOST_AT_ONCE.least && lacked > LOST_AT_ONCE.most * known.length;
  }

  /**
   * Replaces lost numbers on their orders. Orders for which no other number was free are tried again in the next round.
   */
  async replaceLostNumbers(pool: Pool): Promise<void> {
    for (const number of await this.numbers.outOfReachWithOrders(pool.id)) {
      const { moved, stuck } = await this.lostNumberReplacement.replace(number);
      if (moved + stuck > 0)
        this.logger.warn({ poolId: pool.id, virtualNumber: number, moved, stuck }, 'orders moved off');
    }
  }

  /** @returns whether the provider has none of the numbers that its list lacks, so that the list can be trusted */
  private async lookUpMissing(
    pool: Pool,
    account: ProviderAccount,
    missing: readonly NumberCheck[],
    ours: ReadonlyMap<E164, VirtualNumber>,
    owned: readonly OwnedNumber[],
  ): Promise<boolean> {
    const now = this.clock.now();
    const lacksMany = await this.lacksMany(account, owned);
    const numbers = missing.map(({ number }) => number);
    const recentlyActive = await recentlyActiveNumbers(
      this.dataSource.manager,
      numbers,
      addSeconds(now, -RECENTLY_ACTIVE_SECONDS),
    );
    let [has, doubted] = [0, 0];
    for (const { number, unlistedSince } of missing.slice(0, ASKED_AFTER_A_ROUND)) {
      if ((await flowOrLost(account, ours.get(number)!.providerId ?? number)) !== 'lost') {
        await markChecked(this.dataSource.manager, number, now);
        has += 1;
      } else if (
        recentlyActive.has(number) ||
        (lacksMany && addSeconds(unlistedSince!, BELIEVED_AFTER_SECONDS) > now)
      ) {
        doubted += 1;
      } else {
        const detail = `${account.name} no longer has ${number} of pool ${pool.name}. Its orders get another number.`;
        await this.takeOut(pool, account, number, 'number.lost', detail);
      }
    }
    if (doubted > 0) await this.recordDoubt(pool, account, missing, doubted);
    return has + doubted === 0 && !lacksMany;
  }

  /** Reports a doubted list once for all rounds in which the same numbers are missing. */
  private async recordDoubt(
    pool: Pool,
    account: ProviderAccount,
    missing: readonly NumberCheck[],
    doubted: number,
  ): Promise<void> {
    const since = missing.map(({ unlistedSince }) => unlistedSince!.toISOString()).toSorted()[0]!;
    const detail = `${account.name} lacks ${missing.length} numbers of pool ${pool.name}: many at once, or one that has just carried a call. The list is doubted, and the numbers stay in service for now.`;
    const event = {
      kind: 'list.doubted',
      poolId: pool.id,
      provider: account.name,
      detail,
      at: this.clock.now(),
    } as const;
    const isNews = await recordSupplyEvent(this.dataSource.manager, {
      ...event,
      deduplicationKey: `${pool.id} ${account.name} doubted ${since}`,
    });
    if (isNews)
      this.logger.error({ poolId: pool.id, provider: account.name, missing: missing.length, doubted }, 'list doubted');
  }

  private async check(pool: Pool, account: ProviderAccount, number: E164, providerId: string): Promise<void> {
    const before = await flowOrLost(account, providerId);
    if (before === 'lost') return; // The list is older than this answer; the next round will notice.
    if (before === 'other' || before === 'none') {
      const after = await this.setUp.pointAtUs(account.provider, providerId);
      if (after !== 'ours') {
        const detail = `Calls to ${number} of pool ${pool.name} do not reach us, and ${account.name} does not change that. Its orders get another number.`;
        return this.takeOut(pool, account, number, 'number.out-of-reach', detail);
      }
      const detail = `Calls to ${number} of pool ${pool.name} went elsewhere. ${account.name} sends them to us again.`;
      await this.recordEvent(this.dataSource.manager, pool, account, 'number.pointed-at-us-again', detail);
      this.logger.warn({ poolId: pool.id, virtualNumber: number, flow: before }, 'number pointed at us again');
    }
    await markChecked(this.dataSource.manager, number, this.clock.now());
  }

  /**
   * Suspends a number. Its orders get another one after all numbers were checked, so that none gets one that is lost
   * too.
   */
  private async takeOut(
    pool: Pool,
    account: ProviderAccount,
    number: E164,
    kind: 'number.lost' | 'number.out-of-reach',
    detail: string,
  ): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.suspend(number, tx);
      await markLost(tx, number, this.clock.now());
      await this.recordEvent(tx, pool, account, kind, detail);
    });
    this.logger.error({ poolId: pool.id, virtualNumber: number, kind }, 'number suspended');
  }

  /** Puts a number that is back at `provisioning`: its calls must be shown to reach us again. */
  private async restore(pool: Pool, account: ProviderAccount, number: E164): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.setUpAgain(number, tx);
      await markLost(tx, number, null);
      await this.recordEvent(
        tx,
        pool,
        account,
        'number.back',
        `${account.name} has ${number} of pool ${pool.name} again.`,
      );
    });
    this.logger.info({ poolId: pool.id, virtualNumber: number }, 'number back');
  }

  private async recordEvent(
    tx: EntityManager,
    pool: Pool,
    account: ProviderAccount,
    kind: SupplyEventKind,
    detail: string,
  ): Promise<void> {
    await recordSupplyEvent(tx, { kind, poolId: pool.id, provider: account.name, detail, at: this.clock.now() });
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
