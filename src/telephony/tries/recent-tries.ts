import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { sharedPool } from '../../platform/database/statement.js';

export interface Allowance {
  /** What the tries are counted for. Contains no phone. */
  readonly subject: string;
  readonly most: number;
  readonly withinSeconds: number;
}

export interface Taken {
  readonly granted: boolean;
  /** Tries that count now, including this one if it was granted. */
  readonly count: number;
}

/** The subject of the wrong PINs of a caller (keyed lookup). */
export function wrongPinsOf(callerKey: Buffer): string {
  return `wrong PINs of ${callerKey.toString('base64url')}`;
}

/**
 * Recent tries of what is limited: calls from one person to another, and PINs. Stored in the database, so that a
 * restart grants no new tries. A row lock ensures that simultaneous tries are granted no more than successive ones.
 */
@Injectable()
export class RecentTries {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: CallConnections,
    private readonly clock: Clock,
  ) {}

  /** Takes one of the subject's remaining tries. The same try again, by its id, takes no other. */
  async take({ subject, most, withinSeconds }: Allowance, id: string): Promise<Taken> {
    if (most < 1) return { granted: false, count: 0 };
    const now = this.clock.now();
    const values = [subject, id, now.getTime(), addSeconds(now, -withinSeconds).getTime(), most];
    const { rows } = await this.connections.query<Taken>({
      name: 'take-try',
      text: TAKE,
      values: [...values, addSeconds(now, withinSeconds)],
    });
    return rows[0]!;
  }

  /** Deletes the tries of a subject. @returns whether there were any */
  async forgetSubject(subject: string): Promise<boolean> {
    const { rowCount } = await sharedPool(this.dataSource).query({
      name: 'forget-subject',
      text: 'DELETE FROM recent_tries AS known WHERE known.subject = $1',
      values: [subject],
    });
    return rowCount === 1;
  }

  /** How many tries of a subject are stored. */
  async count(subject: string): Promise<number> {
    const { rows } = await sharedPool(this.dataSource).query<{ count: number }>({
      name: 'count-tries',
      text: `SELECT count(*)::integer AS count FROM recent_tries AS known, jsonb_object_keys(known.tries)
             WHERE known.subject = $1`,
      values: [subject],
    });
    return rows[0]!.count;
  }

  /** Deletes tries that no longer count, except of subjects that take one now. @returns for how many subjects */
  async forget(): Promise<number> {
    const { rowCount } = await sharedPool(this.dataSource).query({
      name: 'forget-tries',
      text: `DELETE FROM recent_tries AS known
             WHERE known.subject IN (SELECT due.subject FROM recent_tries AS due WHERE due.forget_at <= $1
                                     FOR UPDATE SKIP LOCKED)`,
      values: [this.clock.now()],
    });
    return rowCount ?? 0;
  }
}

const TAKE = `
  INSERT INTO recent_tries AS known (subject, tries, forget_at)
  VALUES ($1, jsonb_build_object($2::text, $3::bigint), $6)
  ON CONFLICT (subject) DO UPDATE
    SET forget_at = EXCLUDED.forget_at,
        tries = (SELECT CASE WHEN lately.tries ? $2 OR lately.count >= $5 THEN lately.tries
                             ELSE lately.tries || EXCLUDED.tries END
                 FROM (SELECT COALESCE(jsonb_object_agg(one.key, one.value), '{}') AS tries, count(*) AS count
                       FROM jsonb_each(known.tries) AS one WHERE one.value::bigint > $4) AS lately)
  RETURNING known.tries ? $2 AS granted, (SELECT count(*) FROM jsonb_object_keys(known.tries))::integer AS count`;
