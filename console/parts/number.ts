/** `+918047000001` as `+91 80470 00001`: in groups, which are easier to read out. */
export function spaced(number: string): string {
  const [, code, rest] = /^(\+(?:1|7|9[0-58]|[2-8]\d))(\d+)$/.exec(number) ?? [];
  if (code === undefined || rest === undefined) return number;
  const head = rest.length % 5 === 0 || rest.length < 7 ? '' : rest.slice(0, rest.length % 5);
  const groups = rest.slice(head.length).match(/.{1,5}/g) ?? [];
  return [code, head, ...groups].filter((part) => part !== '').join(' ');
}
