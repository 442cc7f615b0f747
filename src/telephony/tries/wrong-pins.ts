import { Injectable } from '@nestjs/common';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';

const DAY_SECONDS = 24 * 60 * 60;

/** The callers whose wrong PINs are counted together: those with and those without a number are separate. */
export interface Guessers {
  readonly poolId: string;
  readonly isWithheld: boolean;
}

/** The step of the call at which a PIN was entered. */
export interface KeyedAt {
  readonly provider: string;
  readonly providerCallId: string;
  readonly stepName: string;
}

/** Wrong PINs on all numbers of a pool, counted by hour. */
@Injectable()
export class WrongPins {
  constructor(
    private readonly connections: CallConnections,
    private readonly clock: Clock,
  ) {}

  /** How many were entered within a day, rounded to hours. */
  async ofTheDay({ poolId, isWithheld }: Guessers): Promise<number> {
    const { rows } = await this.connections.query<{ count: number }>({
      name: 'count-wrong-pins',
      text: `SELECT COALESCE(sum(wrong.count), 0)::integer AS count FROM wrong_pins AS wrong
             WHERE wrong.pool_id = $1 AND wrong.is_withheld = $2 AND wrong.hour > $3`,
      values: [poolId, isWithheld, addSeconds(this.clock.now(), -DAY_SECONDS)],
    });
    return rows[0]!.count;
  }

  /** Counts one, unless this step of the call was decided before: a repeated request is not another guess. */
  async count({ poolId, isWithheld }: Guessers, { provider, providerCallId, stepName }: KeyedAt): Promise<void> {
    await this.connections.query({
      name: 'count-wrong-pin',
      text: `INSERT INTO wrong_pins AS wrong (pool_id, is_withheld, hour, count)
             SELECT $1, $2, date_trunc('hour', $3::timestamptz, 'UTC'), 1
             WHERE NOT EXISTS (SELECT FROM interactions AS known
                               WHERE known.provider = $4 AND known.provider_call_id = $5 AND known.steps ? $6)
             ON CONFLICT (pool_id, is_withheld, hour) DO UPDATE SET count = wrong.count + 1`,
      values: [poolId, isWithheld, this.clock.now(), provider, providerCallId, stepName],
    });
  }

  /** Deletes counts that no longer matter. @returns how many hours */
  async forget(): Promise<number> {
    const { rowCount } = await this.connections.query({
      name: 'forget-wrong-pins',
      text: `DELETE FROM wrong_pins AS wrong WHERE wrong.hour <= $1`,
      values: [addSeconds(this.clock.now(), -DAY_SECONDS)],
    });
    return rowCount ?? 0;
  }
}
