const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const LOCAL_EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

const inUtc = (at: string) => `${at.slice(0, 19).replace('T', ' ')} UTC`;

/** An instant in the viewer's time zone; the same in UTC on hover. */
export function Time({ at, exact = false }: { at: string; exact?: boolean }) {
  return (
    <time dateTime={at} title={inUtc(at)}>
      {(exact ? LOCAL_EXACT : LOCAL).format(new Date(at))}
    </time>
  );
}

/** The time of day of an instant, in the same way. */
export function ClockTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={inUtc(at)}>
      {CLOCK.format(new Date(at))}
    </time>
  );
}

/** How the API writes instants in sentences: `2026-11-29 13:57:02 UTC`, or `18:30 UTC on 22 Nov` of a forecast. */
const IN_SENTENCES = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|\d\d:\d\d UTC on \d{1,2} [A-Z][a-z]{2})/;
const HALF_A_YEAR_MS = 183 * 86_400_000;

/** A sentence of the API, with its instants in the viewer's time zone. */
export function WithTimes({ children }: { children: string }) {
  // Every second part is what the group has matched.
  return children
    .split(IN_SENTENCES)
    .map((part, place) => (place % 2 === 0 ? part : <Written key={place} as={part} />));
}

function Written({ as }: { as: string }) {
  const [, time, day] = /^(\d\d:\d\d) UTC on (.+)$/.exec(as) ?? [];
  if (time === undefined) return <Time at={`${as.slice(0, 19).replace(' ', 'T')}Z`} exact />;
  const now = new Date();
  const inYear = (year: number) => new Date(`${day} ${year} ${time} UTC`);
  const ofThisYear = inYear(now.getUTCFullYear());
  const isOfNext = now.getTime() - ofThisYear.getTime() > HALF_A_YEAR_MS;
  return <Time at={(isOfNext ? inYear(now.getUTCFullYear() + 1) : ofThisYear).toISOString()} />;
}
