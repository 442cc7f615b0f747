import { PushableClock } from '../../support/pushable-clock.js';

const MINUTE_MS = 60_000;

/** Runs behind the time until it is pushed to the present, where it stays. */
export class CatchingUpClock extends PushableClock {
  private behindMs: number;

  constructor({ behindMinutes }: { behindMinutes: number }) {
    super();
    this.behindMs = behindMinutes * MINUTE_MS;
  }

  get minutesBehind(): number {
    return this.behindMs / MINUTE_MS;
  }

  override now(): Date {
    return new Date(Date.now() - this.behindMs);
  }

  override push({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Parameters<PushableClock['push']>[0]): void {
    const pushedMs = ((days * 24 + hours) * 60 + minutes) * MINUTE_MS + seconds * 1_000;
    this.behindMs = Math.max(0, this.behindMs - pushedMs);
  }
}
