const NORTH_AMERICAN = /^\+1(\d{3})(\d{3})(\d{4})$/;

/** `+918047000001` as `+91 80470 00001`, `+12025550101` as `+1 202 555 0101`: in groups, easier to read out. */
export function spaced(number: string): string {
  if (NORTH_AMERICAN.test(number)) return number.replace(NORTH_AMERICAN, '+1 $1 $2 $3');
  const [, code, rest] = /^(\+(?:1|7|9[0-58]|[2-8]\d))(\d+)$/.exec(number) ?? [];
  if (code === undefined || rest === undefined) return number;
  const head = rest.length % 5 === 0 || rest.length < 7 ? '' : rest.slice(0, rest.length % 5);
  const groups = rest.slice(head.length).match(/.{1,5}/g) ?? [];
  return [code, head, ...groups].filter((part) => part !== '').join(' ');
}
