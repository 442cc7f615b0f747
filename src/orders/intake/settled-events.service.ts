import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { moveRows, movingHasBegun } from '../../platform/retention/moving.queries.js';

const EVENTS_A_BATCH = 1_000;
const RUN_MS = 5_000;
/** Events that are sent again, and questions about rejected ones, come within a day mostly. */
const AFTER_SECONDS = 24 * 60 * 60;

/** Moves incoming events that are applied or rejected to their month, a day after they were received. */
@Injectable()
export class SettledEvents {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Moves some, for a few seconds at most. @returns how many */
  async move(): Promise<number> {
    const now = this.clock.now();
    if (!(await movingHasBegun(this.dataSource.manager, now))) return 0;
    const stopAt = performance.now() + RUN_MS;
    let moved = 0;
    for (let batch = EVENTS_A_BATCH; batch === EVENTS_A_BATCH && performance.now() < stopAt; moved += batch) {
      batch = await this.dataSource.transaction(async (tx) =>
        moveRows(tx, 'incoming_events', LOCK_SETTLED, [addSeconds(now, -AFTER_SECONDS)]),
      );
    }
    return moved;
  }
}

/** Looks at the oldest events only: those that are still to be applied are among the newest. */
const LOCK_SETTLED = `
  SELECT event.ctid, event.received_at AS over_at
  FROM incoming_events AS event
  WHERE event.id IN (SELECT oldest.id FROM incoming_events AS oldest ORDER BY oldest.id LIMIT ${EVENTS_A_BATCH})
    AND event.status <> 'stored' AND event.received_at < $1
  FOR UPDATE SKIP LOCKED`;
