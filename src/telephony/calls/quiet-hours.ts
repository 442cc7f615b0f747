import type { QuietHours } from '../../virtual-numbers/pools/pool.entity.js';

/** Making a formatter takes a hundred times as long as using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether it is quiet at an instant, by the clock on the wall of the zone. `hh:mm` sorts as time does. */
export function isQuiet({ from, until, timeZone }: QuietHours, instant: Date): boolean {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(timeZone, clock);
  }
  const time = clock.format(instant);
  return from < until ? from <= time && time < until : from <= time || time < until;
}
