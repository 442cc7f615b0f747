/** An instant as the value of a field of the type `datetime-local`, in the viewer's time zone. */
export function localTime(instant: Date): string {
  return new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What was entered in such a field, in UTC; null if it is empty. */
export function instantOf(entered: string): string | null {
  return entered === '' ? null : new Date(entered).toISOString();
}
