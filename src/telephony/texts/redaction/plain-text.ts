/** A span of a text, in UTF-16 units: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A text in plain characters, each of which knows its span in the original: compatibility forms folded (NFKC), lower
 * case, digits of every script as 0 to 9, invisible characters removed.
 */
export class PlainText {
  readonly text: string;
  private readonly origins: readonly Span[];

  constructor(original: string) {
    const parts: string[] = [];
    const origins: Span[] = [];
    let afterDigit = false;
    let start = 0;
    for (const character of original) {
      const end = start + character.length;
      const plain = afterDigit && MARK.test(character) ? '' : plainFormOf(character);
      parts.push(plain);
      for (let unit = 0; unit < plain.length; unit += 1) origins.push({ start, end });
      if (plain === '' && origins.length > 0) origins[origins.length - 1] = { ...origins.at(-1)!, end };
      else afterDigit = /\d$/.test(plain);
      start = end;
    }
    this.text = parts.join('');
    this.origins = origins;
  }

  /** The span of the original for a span of the plain text that has at least one unit. */
  originOf({ start, end }: Span): Span {
    return { start: this.origins[start]!.start, end: this.origins[end - 1]!.end };
  }
}

/**
 * Invisible characters: zero-width characters, soft hyphens, direction marks, variation selectors, the keycap's frame.
 */
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\u20e3]$/u;
/** An accent or a stroke. On a digit it is decoration. */
const MARK = /^\p{Mn}$/u;
const DECIMAL = /^\p{Nd}$/u;

/** Digits that have a value in Unicode but no compatibility form: the first of each row, its value, how many follow. */
const ROWS_OF_DIGITS: readonly (readonly [first: number, value: number, count: number])[] = [
  [0x1369, 1, 9], // Ethiopic
  [0x24f5, 1, 10], // double circled
  [0x24ff, 0, 1], // negative circled zero
  [0x2776, 1, 10], // negative circled
  [0x2780, 1, 10], // circled sans-serif
  [0x278a, 1, 10], // negative circled sans-serif
  [0x3021, 1, 9], // Hangzhou
  [0x1f10b, 0, 1], // circled sans-serif zero
  [0x1f10c, 0, 1], // negative circled sans-serif zero
];

const SPECIAL: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'〇一二三四五六七八九'].map((character, value) => [character, String(value)])),
  零: '0',
  '🔟': '10',
  '。': '.', // also ends the labels of a domain (RFC 3490, section 3.1)
  '․': '.',
};

function plainFormOf(character: string): string {
  if (character <= '\u007f') return character.toLowerCase();
  const special = SPECIAL[character];
  if (special !== undefined) return special;
  if (INVISIBLE.test(character)) return '';
  if (DECIMAL.test(character)) return String(decimalValueOf(character));
  const code = character.codePointAt(0)!;
  const row = ROWS_OF_DIGITS.find(([first, , count]) => code >= first && code < first + count);
  if (row) return String(row[1] + code - row[0]);
  return character
    .normalize('NFKC')
    .replace(/\p{Nd}/gu, (digit) => String(decimalValueOf(digit)))
    .toLowerCase();
}

/** Decimal digits form runs of ten, from 0 to 9 (Unicode, section 4.6), so the place in the run is the value. */
function decimalValueOf(digit: string): number {
  const code = digit.codePointAt(0)!;
  let first = code;
  while (DECIMAL.test(String.fromCodePoint(first - 1))) first -= 1;
  return (code - first) % 10;
}
