import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { moveOldRows } from '../../platform/retention/moving.queries.js';

const EVENTS_A_BATCH = 1_000;
const RUN_MS = 5_000;

/** Moves incoming events that are applied or rejected to their month, a day after they were received. */
@Injectable()
export class SettledEvents {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Moves some, for a few seconds at most. @returns how many */
  async move(): Promise<number> {
    return moveOldRows(this.dataSource, this.clock.now(), {
      table: 'incoming_events',
      locked: LOCK_SETTLED,
      batch: EVENTS_A_BATCH,
      forMs: RUN_MS,
    });
  }
}

/** Looks at the oldest events only: those that are still to be applied are among the newest. */
const LOCK_SETTLED = `
  SELECT event.ctid, event.received_at AS over_at
  FROM incoming_events AS event
  WHERE event.id IN (SELECT oldest.id FROM incoming_events AS oldest ORDER BY oldest.id LIMIT ${EVENTS_A_BATCH})
    AND event.status <> 'stored' AND event.received_at < $1
  FOR UPDATE SKIP LOCKED`;
