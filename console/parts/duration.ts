const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `5400` as `1 h 30 min`, `3601` as `1 h`: rounded, so that at most two units are left, which follow one another. */
export function duration(seconds: number): string {
  const [, largest] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
  const [, next] = UNITS.find(([, size]) => size < largest) ?? UNITS[3];
  let rest = Math.round(seconds / next) * next;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
