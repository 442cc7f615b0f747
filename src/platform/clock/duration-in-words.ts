const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A time that was measured: rounded, so that at most two units are left. `3601` is `1 hour`. */
export function aboutInWords(seconds: number): string {
  const largest = UNITS.findIndex(([, size]) => seconds >= size);
  const [, next] = UNITS[largest + 1] ?? ['second', 1];
  return inWords(Math.round(seconds / next) * next);
}

/** `5400` as `1 hour 30 minutes`. */
export function inWords(seconds: number): string {
  let rest = seconds;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}${count === 1 ? '' : 's'}`];
  });
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}
