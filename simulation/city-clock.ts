import { Clock } from '../src/platform/clock/clock.js';
import { STEP_SECONDS } from './demand.js';

/** The start of every run, a midnight. The city uses UTC. */
const BEGINS_AT = Date.UTC(2026, 2, 2);

/** The clock of the services, set at each step. */
export class CityClock extends Clock {
  private step = 0;

  push(step: number): void {
    this.step = step;
  }

  now(): Date {
    return new Date(BEGINS_AT + this.step * STEP_SECONDS * 1000);
  }
}
