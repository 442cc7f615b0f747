import { addSeconds, Clock } from '../../src/platform/clock/clock.js';

/** Stands still until a test pushes it. */
export class PushableClock extends Clock {
  constructor(private instant = new Date('2026-11-22T06:00:00.000Z')) {
    super();
  }

  now(): Date {
    return new Date(this.instant);
  }

  push({
    days = 0,
    hours = 0,
    minutes = 0,
    seconds = 0,
  }: {
    days?: number;
    hours?: number;
    minutes?: number;
    seconds?: number;
  }): void {
    this.instant = addSeconds(this.instant, ((days * 24 + hours) * 60 + minutes) * 60 + seconds);
  }
}
