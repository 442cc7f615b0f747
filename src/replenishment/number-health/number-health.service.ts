import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { callsByNumber } from '../../telephony/interactions/call-health.queries.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { VirtualNumber } from '../../virtual-numbers/pools/virtual-number.entity.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { mayRest, sickBecause, sumOf, without, type Calls } from './number-health.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** Calls of the last WINDOW_SECONDS count. Answered calls shorter than SHORT_SECONDS count as short. */
const WINDOW_SECONDS = 24 * 60 * 60;
const SHORT_SECONDS = 6;
/** Most spam labels wear off in three days. A number that is still sick after that is put to rest again. */
export const REST_SECONDS = 3 * 24 * 60 * 60;
/** A pool is checked at most this often, even if its rounds run more often. */
const EVERY_SECONDS = 5 * 60;

export interface NumberHealth {
  readonly number: VirtualNumber;
  readonly calls: Calls;
  /** The pool's other numbers. */
  readonly pool: Calls;
  /** Why the number is sick, in words; null if it is not. */
  readonly sickBecause: string | null;
}

const NO_CALLS: Calls = { calls: 0, answered: 0, short: 0, failed: 0 };

/** Puts numbers to rest if calls through them fail clearly more often than in the rest of their pool. */
@Injectable()
export class NumberHealthService {
  private readonly checkedAt = new Map<string, Date>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberHealthService.name);
  }

  /**
   * Puts sick numbers to rest: they serve their orders and take no new ones for three days. At most a tenth of the pool
   * rests at a time. Numbers that an operator resumed are left out. @returns how many were put to rest
   */
  async restSickNumbers(pool: Pool): Promise<number> {
    const now = this.clock.now();
    const last = this.checkedAt.get(pool.id);
    if (last && addSeconds(last, EVERY_SECONDS) > now) return 0;
    this.checkedAt.set(pool.id, now);
    await this.wakeRestedNumbers(pool, now);

    const { level } = await this.pools.find(pool.name);
    let room = mayRest(level.numbers.available + level.numbers.resting) - level.numbers.resting;
    if (room <= 0) return 0;
    const calls = await this.callsOf(pool.id);
    const all = sumOf([...calls.values()]);
    let resting = 0;
    for (const [number, own] of calls) {
      const because = room > 0 ? sickBecause(own, without(all, own)) : null;
      if (because === null || !(await this.numbers.rest(number, because))) continue;
      [room, resting] = [room - 1, resting + 1];
      const detail = `${number} of pool ${pool.name} rests: ${because}`;
      await recordSupplyEvent(this.dataSource.manager, { kind: 'number.sick', poolId: pool.id, detail, at: now });
      this.metrics.numbersRested.inc({ pool: pool.name });
      this.logger.warn({ poolId: pool.id, virtualNumber: number, because }, 'sick number put to rest');
    }
    return resting;
  }

  private async wakeRestedNumbers(pool: Pool, now: Date): Promise<void> {
    for (const number of await this.numbers.wake(pool.id, addSeconds(now, -REST_SECONDS))) {
      const detail = `${number} of pool ${pool.name} has rested for three days and takes orders again.`;
      await recordSupplyEvent(this.dataSource.manager, { kind: 'number.woken', poolId: pool.id, detail, at: now });
      this.logger.info({ poolId: pool.id, virtualNumber: number }, 'number tried again after its rest');
    }
  }

  /** @throws NumberNotFound */
  async of(number: string): Promise<NumberHealth> {
    const row = await this.numbers.byNumber(number);
    const all = await this.callsOf(row.poolId);
    const calls = all.get(row.number) ?? NO_CALLS;
    const pool = without(sumOf([...all.values()]), calls);
    return { number: row, calls, pool, sickBecause: sickBecause(calls, pool) };
  }

  /** The numbers of a pool with calls in the last 24 hours, and those that rest. @throws PoolNotFound */
  async ofPool(name: string): Promise<NumberHealth[]> {
    const { id } = await this.pools.byName(name);
    const calls = await this.callsOf(id);
    const all = sumOf([...calls.values()]);
    const rows = await this.numbers.restingOrAmong(id, [...calls.keys()]);
    return rows.map((number) => {
      const own = calls.get(number.number) ?? NO_CALLS;
      const pool = without(all, own);
      return { number, calls: own, pool, sickBecause: sickBecause(own, pool) };
    });
  }

  private async callsOf(poolId: string): Promise<Map<VirtualNumber['number'], Calls>> {
    const tx = this.dataSource.manager;
    const since = addSeconds(this.clock.now(), -WINDOW_SECONDS);
    const rows = await callsByNumber(tx, await this.numbers.ofPool(tx, poolId), since, SHORT_SECONDS);
    return new Map(rows.map(({ number, ...calls }) => [number, calls]));
  }
}
