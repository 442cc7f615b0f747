import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { OrdersService } from '../../orders/lifecycle/orders.service.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { aboutInWords } from '../../platform/clock/duration-in-words.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { BuyingSwitch } from './buying-switch.js';
import { lastEvent, recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** The part of a round's result that explains why orders still wait. */
export interface RoundEnd {
  /** Numbers that the pool has, including purchases of unknown end. */
  readonly numbers: number;
  /** Why the buyer stopped; null = it did not stop. */
  readonly stopped: string | null;
  /** The message of the first failure of a provider; null = none. */
  readonly trouble: string | null;
  /** Numbers that are being bought or set up. */
  readonly coming: number;
}

const TOLD_EVERY_SECONDS = 60 * 60;
/** Orders can start many rounds a minute; only one of them logs the warning. */
const WARNED_EVERY_MS = 60_000;

/** Reports when orders of a pool wait for numbers that it cannot get, and when they no longer do. */
@Injectable()
export class DryPoolService {
  private readonly warnedAt = new Map<string, number>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly orders: OrdersService,
    private readonly buying: BuyingSwitch,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(DryPoolService.name);
  }

  /** To be called at the end of each round. Repeats the event every hour and the warning every minute. */
  async report(pool: Pool, round: RoundEnd): Promise<void> {
    const tx = this.dataSource.manager;
    const [waiting, now] = [await this.orders.waiting(pool.id), this.clock.now()];
    const last = await lastEvent(tx, pool.id, ['pool.dry', 'pool.served']);
    const event = { poolId: pool.id, at: now };
    if (waiting === null) {
      this.warnedAt.delete(pool.id);
      if (last?.kind !== 'pool.dry') return;
      await recordSupplyEvent(tx, {
        ...event,
        kind: 'pool.served',
        detail: `No order of pool ${pool.name} waits for numbers any more.`,
      });
      this.logger.info({ poolId: pool.id }, 'pool served');
      return;
    }
    const oldestSeconds = Math.round((now.getTime() - waiting.since.getTime()) / 1_000);
    const why = this.why(pool, round);
    if ((this.warnedAt.get(pool.id) ?? 0) <= performance.now()) {
      this.warnedAt.set(pool.id, performance.now() + WARNED_EVERY_MS);
      const fields = { poolId: pool.id, waiting: waiting.orders, oldestSeconds, why };
      this.logger.warn(fields, 'pool cannot serve waiting orders');
    }
    if (last?.kind === 'pool.dry' && last.at > addSeconds(now, -TOLD_EVERY_SECONDS)) return;
    const wait = waiting.orders === 1 ? '1 order waits' : `${waiting.orders} orders wait`;
    const detail = `${wait} for numbers of pool ${pool.name}, the first for ${aboutInWords(oldestSeconds)}: ${why}`;
    await recordSupplyEvent(tx, { ...event, kind: 'pool.dry', detail });
  }

  private why(pool: Pool, { numbers, stopped, trouble, coming }: RoundEnd): string {
    if (!this.buying.isOn) return 'Buying is off for this installation (BUYING=off).';
    if (pool.buying === 'off') return `Buying is off for pool ${pool.name}.`;
    if (stopped !== null) return stopped;
    if (numbers >= pool.maxNumbers) return `Pool ${pool.name} has ${numbers} numbers, and may have ${pool.maxNumbers}.`;
    if (trouble !== null) return trouble;
    if (coming > 0) return `${coming} numbers are being bought or set up.`;
    return `The provider had no number to sell, or none that suits these orders is free.`;
  }
}
