import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool as Connections } from 'pg';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { deleteSecrets } from './interactions.queries.js';

/** How long an answer is repeated: for a provider that did not get it, and no longer, as requests can be captured and replayed. */
export const REPEATED_FOR_SECONDS = 60;

/** How long after a call came it may be decided at further steps: who is asked for a PIN twice takes less. */
const KEPT_SECONDS = 5 * 60;

const SECRETS_A_BATCH = 1_000;

/** Keys what is stored of a call's or a text's requests, which is of no use to anybody once it is deleted. */
export function aRepeatSecret(): Buffer {
  return randomBytes(32);
}

/**
 * Deletes the secrets of calls and texts whose answers are repeated no more, most of which went with the news of the end.
 * Without its secret a row leads to nobody, be all keys known; docs/decisions/0080-answers-are-repeated-for-a-minute.md.
 */
@Injectable()
export class RepeatSecrets {
  private readonly connections: Connections;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.connections = sharedPool(dataSource);
  }

  /** @returns how many were deleted */
  async deleteOld(): Promise<number> {
    const before = addSeconds(this.clock.now(), -KEPT_SECONDS);
    let deleted = 0;
    for (let batch = SECRETS_A_BATCH; batch === SECRETS_A_BATCH; deleted += batch) {
      batch = await deleteSecrets(this.connections, before, SECRETS_A_BATCH);
    }
    return deleted;
  }
}
