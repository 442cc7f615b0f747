import { PushableClock } from './pushable-clock.js';

/** For processes that work beside each other in their own time. */
export class LiveClock extends PushableClock {
  override now(): Date {
    return new Date();
  }
}
