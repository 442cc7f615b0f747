import type { QuietHours } from '../../virtual-numbers/pools/pool.entity.js';

/** Cached, because creating a formatter takes a hundred times as long as using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether an instant is in the quiet hours, in local time of their zone. `hh:mm` texts sort like times. */
export function isQuiet({ from, until, timeZone }: QuietHours, instant: Date): boolean {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(timeZone, clock);
  }
  const time = clock.format(instant);
  return from < until ? from <= time && time < until : from <= time || time < until;
}
