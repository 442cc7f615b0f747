import { PushableClock } from './pushable-clock.js';

/** For processes that run side by side in real time. */
export class LiveClock extends PushableClock {
  override now(): Date {
    return new Date();
  }
}
