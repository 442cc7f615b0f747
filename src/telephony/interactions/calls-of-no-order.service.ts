import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { moveOldRows } from '../../platform/retention/moving.queries.js';

const CALLS_A_BATCH = 1_000;
const RUN_MS = 20_000;

/** Moves calls and texts that belong to no order to their month, a day after they came. Those of orders go with them. */
@Injectable()
export class CallsOfNoOrder {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Moves some, for a while at most. @returns how many */
  async move(): Promise<number> {
    return moveOldRows(this.dataSource, this.clock.now(), {
      table: 'interactions',
      locked: LOCK_OLD,
      batch: CALLS_A_BATCH,
      forMs: RUN_MS,
    });
  }
}

const LOCK_OLD = `
  SELECT call.ctid, call.at AS over_at
  FROM interactions AS call
  WHERE call.order_id IS NULL AND call.at < $1 AND call.ask_at IS NULL AND call.repeat_secret IS NULL
  ORDER BY call.at LIMIT ${CALLS_A_BATCH} FOR UPDATE SKIP LOCKED`;
