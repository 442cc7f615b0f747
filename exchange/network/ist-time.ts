const IST_OFFSET_MS = 5.5 * 60 * 60 * 1000;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The `EndTime` of every flow request, whatever the call did: the epoch in Indian time. */
export const END_TIME_OF_EVERY_FLOW_REQUEST = '1970-01-01 05:30:00';

/** Indian local time without a zone: `2026-11-22 11:30:00`. */
export function istTime(instant: Date): string {
  return onIndianClock(instant).toISOString().slice(0, 19).replace('T', ' ');
}

/** The same time in the other format, also without a zone: `Sun, 22 Nov 2026 11:30:00`. */
export function istTimeInWords(instant: Date): string {
  const clock = onIndianClock(instant);
  const day = String(clock.getUTCDate()).padStart(2, '0');
  const time = clock.toISOString().slice(11, 19);
  return `${DAYS[clock.getUTCDay()]}, ${day} ${MONTHS[clock.getUTCMonth()]} ${clock.getUTCFullYear()} ${time}`;
}

/** Reads `2026-11-22 11:30:00` as Indian time; null for any other format. */
export function parseIstTime(text: string): Date | null {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
  const instant = new Date(`${text.replace(' ', 'T')}+05:30`);
  return !Number.isNaN(instant.getTime()) && istTime(instant) === text ? instant : null; // rejects days such as 31 February
}

function onIndianClock(instant: Date): Date {
  return new Date(instant.getTime() + IST_OFFSET_MS);
}
