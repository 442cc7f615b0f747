import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { moveRows, movingHasBegun } from '../../platform/retention/moving.queries.js';

const CALLS_A_BATCH = 1_000;
const RUN_MS = 20_000;
/** By then their ends are reported. */
const AFTER_SECONDS = 24 * 60 * 60;

/** Moves calls and texts that belong to no order to their month, a day after they came. Those of orders go with them. */
@Injectable()
export class CallsOfNoOrder {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Moves some, for a while at most. @returns how many */
  async move(): Promise<number> {
    const now = this.clock.now();
    if (!(await movingHasBegun(this.dataSource.manager, now))) return 0;
    const stopAt = performance.now() + RUN_MS;
    let moved = 0;
    for (let batch = CALLS_A_BATCH; batch === CALLS_A_BATCH && performance.now() < stopAt; moved += batch) {
      batch = await this.dataSource.transaction(async (tx) =>
        moveRows(tx, 'interactions', LOCK_OLD, [addSeconds(now, -AFTER_SECONDS)]),
      );
    }
    return moved;
  }
}

const LOCK_OLD = `
  SELECT call.ctid, call.at AS over_at
  FROM interactions AS call
  WHERE call.order_id IS NULL AND call.at < $1 AND call.ask_at IS NULL AND call.repeat_secret IS NULL
  ORDER BY call.at LIMIT ${CALLS_A_BATCH} FOR UPDATE SKIP LOCKED`;
