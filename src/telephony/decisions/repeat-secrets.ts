import { randomFillSync } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool as Connections } from 'pg';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { deleteSecrets } from './interactions.queries.js';

/**
 * How long an answer is repeated for a provider that did not receive it. Longer would help whoever captured a request.
 */
export const REPEATED_FOR_SECONDS = 60;

/** How long a call can be decided at further steps. Two questions for a PIN take less. */
const KEPT_SECONDS = 5 * 60;

const SECRETS_A_BATCH = 1_000;

const SECRET_BYTES = 32;
/** A secret costs a tenth if the system is asked for many at once. */
const drawn = { bytes: Buffer.alloc(128 * SECRET_BYTES), used: 128 * SECRET_BYTES };

/**
 * A secret that keys what is stored of a call's or text's requests. After its deletion nobody can use what is stored.
 */
export function aRepeatSecret(): Buffer {
  if (drawn.used === drawn.bytes.length) {
    randomFillSync(drawn.bytes);
    drawn.used = 0;
  }
  const secret = Buffer.from(drawn.bytes.subarray(drawn.used, drawn.used + SECRET_BYTES));
  drawn.bytes.fill(0, drawn.used, (drawn.used += SECRET_BYTES));
  return secret;
}

/**
 * Deletes the secrets of calls and texts whose answers are no longer repeated. Most are already deleted with the report
 * of the end. Without its secret, a row reveals nobody, even if all keys are known:
 * docs/decisions/0080-answers-are-repeated-for-a-minute.md.
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
