import { Injectable } from '@nestjs/common';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';

const DAY_SECONDS = 24 * 60 * 60;

/** Wrong PINs on all numbers of a pool, counted by hour. `pin-steps.queries.ts` reads and counts them. */
@Injectable()
export class WrongPins {
  constructor(
    private readonly connections: CallConnections,
    private readonly clock: Clock,
  ) {}

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
