const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const LOCAL_EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** An instant in the viewer's time zone; the same in UTC on hover. */
export function Time({ at, exact = false }: { at: string; exact?: boolean }) {
  const utc = `${at.slice(0, 19).replace('T', ' ')} UTC`;
  return (
    <time dateTime={at} title={utc}>
      {(exact ? LOCAL_EXACT : LOCAL).format(new Date(at))}
    </time>
  );
}
