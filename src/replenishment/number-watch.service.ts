import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource, EntityManager } from 'typeorm';

import { MoveOffService } from '../orders/move-off.service.js';
import type { E164 } from '../phone-number/e164.js';
import { Clock } from '../platform/clock/clock.js';
import { ProviderRefused, type NumberFlow, type OwnedNumber } from '../telephony/number-provider.js';
import type { Pool } from '../virtual-numbers/pool.entity.js';
import { VirtualNumbersService } from '../virtual-numbers/virtual-numbers.service.js';
import type { VirtualNumber } from '../virtual-numbers/virtual-number.entity.js';
import type { Shop } from './number-buyer.service.js';
import { checksOf, markChecked, markLost, rememberListed } from './number-checks.queries.js';
import { NumberSetUpService } from './number-set-up.service.js';
import type { SupplyEventKind } from './supply-event.entity.js';
import { tell } from './supply-events.queries.js';

/** A list does not say where its numbers' calls go, and the provider's rate is small: so many are asked a round. */
const CHECKED_A_ROUND = 10;
const CHECKED_EVERY_MS = 60 * 60_000;
/** Numbers that a list lacks are asked one by one, so many a round. */
const ASKED_AFTER_A_ROUND = 20;

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
    private readonly moveOff: MoveOffService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberWatchService.name);
  }

  /**
   * Compares a pool's numbers with the provider's list. One that it lacks is asked for by itself before it counts as
   * lost: a list comes page by page and may lie.
   *
   * @throws ProviderUnavailable, ProviderRefused
   */
  async watch(pool: Pool, shop: Shop, owned: readonly OwnedNumber[]): Promise<void> {
    const ours = new Map((await this.numbers.inUseAt(pool.id, shop.name)).map((one) => [one.number, one]));
    const listed = new Map(owned.filter(({ number }) => ours.has(number)).map((one) => [one.number, one]));
    await rememberListed(this.dataSource.manager, [...listed.keys()], this.clock.now());
    await this.numbers.learnProviderIds([...listed.values()]);
    const checks = await checksOf(this.dataSource.manager, [...ours.keys()]);

    for (const { number, lostAt } of checks)
      if (lostAt !== null && listed.has(number)) await this.backAgain(pool, shop, number);

    const missing = checks.filter(({ number, lostAt }) => lostAt === null && !listed.has(number));
    for (const { number } of missing.slice(0, ASKED_AFTER_A_ROUND)) await this.askAfter(pool, shop, ours.get(number)!);

    const uncheckedSince = new Date(this.clock.now().getTime() - CHECKED_EVERY_MS);
    const toCheck = checks.filter(
      ({ number, checkedAt }) =>
        listed.has(number) && isInService(ours.get(number)!) && (checkedAt === null || checkedAt <= uncheckedSince),
    );
    for (const { number } of toCheck.slice(0, CHECKED_A_ROUND))
      await this.check(pool, shop, number, listed.get(number)!.providerId);
  }

  /** Moves orders off numbers that cannot be dialled; those for which there was no other number are tried again. */
  async moveOrdersOff(pool: Pool): Promise<void> {
    for (const number of await this.numbers.outOfReachWithOrders(pool.id)) await this.move(pool, number);
  }

  private async askAfter(pool: Pool, shop: Shop, { number, providerId }: VirtualNumber): Promise<void> {
    const flow = await flowOrLost(shop, providerId ?? number);
    if (flow !== 'lost') return markChecked(this.dataSource.manager, number, this.clock.now());
    const detail = `${shop.name} does not have ${number} of pool ${pool.name} any more: its orders get another number.`;
    await this.takeOut(pool, shop, number, 'number.lost', detail);
  }

  private async check(pool: Pool, shop: Shop, number: E164, providerId: string): Promise<void> {
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

  private async takeOut(
    pool: Pool,
    shop: Shop,
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
    await this.move(pool, number);
  }

  /** It has to show once more that its calls reach us. */
  private async backAgain(pool: Pool, shop: Shop, number: E164): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await this.numbers.setUpAgain(number, tx);
      await markLost(tx, number, null);
      await this.tell(tx, pool, shop, 'number.back', `${shop.name} has ${number} of pool ${pool.name} again.`);
    });
    this.logger.info({ poolId: pool.id, virtualNumber: number }, 'number back');
  }

  private async move(pool: Pool, number: E164): Promise<void> {
    const { moved, stuck } = await this.moveOff.moveOff(number);
    if (moved + stuck > 0)
      this.logger.warn({ poolId: pool.id, virtualNumber: number, moved, stuck }, 'orders moved off');
  }

  private async tell(tx: EntityManager, pool: Pool, shop: Shop, kind: SupplyEventKind, detail: string): Promise<void> {
    await tell(tx, { kind, poolId: pool.id, provider: shop.name, detail, at: this.clock.now() });
  }
}

function isInService({ status }: VirtualNumber): boolean {
  return status === 'available' || status === 'resting' || status === 'draining';
}

async function flowOrLost({ provider }: Shop, providerId: string): Promise<NumberFlow | 'lost'> {
  return provider.flowOf(providerId).catch((failure: unknown) => {
    if (failure instanceof ProviderRefused && failure.status === 404) return 'lost';
    throw failure;
  });
}
