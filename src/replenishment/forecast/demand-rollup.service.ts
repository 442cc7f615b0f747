import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { firstOrderSince, holdingTimes, ordersByQuarter } from '../../orders/views/order-statistics.queries.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { callSecondsByQuarter } from '../../telephony/interactions/call-seconds.queries.js';
import { pairsOfBusyDialler } from '../../virtual-numbers/assignments/dialler-pairs.queries.js';
import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import {
  addHoldings,
  advanceRollup,
  beginRollup,
  countedQuarters,
  countedUntil,
  countQuarters,
  forgetDemand,
  holdingsSince,
  lockRollup,
  mostAssignments,
  noteCalls,
  recordMostAssignments,
  type Rollup,
} from './demand-rollup.queries.js';
import { LONGEST_HISTORY, LONGEST_HOLDING, QUARTER_MS, type Demand } from './forecast.js';

const DAY_SECONDS = 24 * 60 * 60;
/** An order's rows may be committed this much later than the timestamp in them. */
const COMMITTED_WITHIN_SECONDS = 30;
/** The largest span to count in one round. A new installation on an old database catches up over several rounds. */
const AT_ONCE_SECONDS = 7 * DAY_SECONDS;
/**
 * Holding times are counted after this long, when nearly all orders are over. Open orders count with their planned end.
 */
const HELD_AT_MOST_SECONDS = 2 * DAY_SECONDS;
const HOLDING_SECONDS = 14 * DAY_SECONDS;
/** By then even the longest call has been reported. */
const CALL_SECONDS = 60 * 60;
const PAIRS_SECONDS = 7 * DAY_SECONDS;

/**
 * Counts each pool's demand in quarter hours, each order once. The counts are small and outlive the orders' history.
 */
@Injectable()
export class DemandRollupService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly numbers: VirtualNumbersService,
  ) {}

  /** Counts the completed quarter hours. Safe to run at any time, and twice. */
  async rollUp(pool: Pool): Promise<void> {
    const present = this.presentQuarter();
    const counted = await countedUntil(this.dataSource.manager, pool.id);
    if (counted && counted >= present) return;
    await this.dataSource.transaction(async (tx) => {
      const rollup = (await lockRollup(tx, pool.id)) ?? (await this.begin(tx, pool, present));
      if (rollup && rollup.ordersUntil < present) await this.count(tx, pool, rollup, present);
    });
  }

  /**
   * The instant up to which the pool's quarter hours are counted; null = none, or the count is more than a day behind.
   */
  async countedUntil(pool: Pool): Promise<Date | null> {
    const until = await countedUntil(this.dataSource.manager, pool.id);
    return until && addSeconds(until, DAY_SECONDS) >= this.clock.now() ? until : null;
  }

  /** The pool's demand up to `quarter`, the instant up to which it is counted. */
  async measured(pool: Pool, quarter: Date): Promise<Demand> {
    const tx = this.dataSource.manager;
    const counted = await countedQuarters(tx, pool.id, quarter);
    return {
      quarter,
      orders: counted.map(({ orders }) => orders),
      callSeconds: counted.map(({ callSeconds }) => callSeconds),
      holding: await holdingsSince(tx, pool.id, addSeconds(quarter, -HOLDING_SECONDS)),
      diallerPairs: await mostAssignments(tx, pool.id, addSeconds(quarter, -PAIRS_SECONDS)),
    };
  }

  private async begin(tx: EntityManager, pool: Pool, present: Date): Promise<Rollup | null> {
    const first = await firstOrderSince(tx, pool.id, addSeconds(present, (-LONGEST_HISTORY * QUARTER_MS) / 1000));
    if (first === null || first >= present) return null;
    const from = quarterOf(first);
    await beginRollup(tx, pool.id, from);
    return { ordersUntil: from, holdingUntil: from };
  }

  private async count(tx: EntityManager, pool: Pool, rollup: Rollup, present: Date): Promise<void> {
    const { ordersUntil: from, holdingUntil: heldFrom } = rollup;
    const until = earlier(present, addSeconds(from, AT_ONCE_SECONDS));
    await countQuarters(tx, pool.id, await ordersByQuarter(tx, pool.id, from, until));
    if (until.getTime() === present.getTime()) {
      const newest = addSeconds(until, -QUARTER_MS / 1000);
      await recordMostAssignments(tx, pool.id, newest, await pairsOfBusyDialler(tx, pool.id));
    }
    if (pool.channelsPerNumber !== null) await this.countCalls(tx, pool, from, until);

    const held = Math.min(pool.lifetimeSeconds + pool.graceSeconds, HELD_AT_MOST_SECONDS);
    const over = earlier(until, quarterOf(addSeconds(present, -held)));
    const heldUntil = later(heldFrom, earlier(over, addSeconds(heldFrom, AT_ONCE_SECONDS)));
    await addHoldings(tx, pool.id, await holdingTimes(tx, pool.id, heldFrom, heldUntil, LONGEST_HOLDING));
    await advanceRollup(tx, pool.id, { ordersUntil: until, holdingUntil: heldUntil });

    const quartersFrom = addSeconds(present, (-LONGEST_HISTORY * QUARTER_MS) / 1000);
    await forgetDemand(tx, pool.id, quartersFrom, addSeconds(present, -2 * HOLDING_SECONDS));
  }

  private async countCalls(tx: EntityManager, pool: Pool, from: Date, until: Date): Promise<void> {
    const [reportedFrom, reportedUntil] = [addSeconds(from, -CALL_SECONDS), addSeconds(until, -CALL_SECONDS)];
    const numbers = await this.numbers.ofPool(tx, pool.id);
    const calls = await callSecondsByQuarter(tx, numbers, reportedFrom, reportedUntil);
    await noteCalls(tx, pool.id, reportedFrom, reportedUntil, calls);
  }

  private presentQuarter(): Date {
    return quarterOf(addSeconds(this.clock.now(), -COMMITTED_WITHIN_SECONDS));
  }
}

function quarterOf(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / QUARTER_MS) * QUARTER_MS);
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
