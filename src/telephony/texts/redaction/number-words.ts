/** The part of a spelled number that a word stands for. */
export interface NumberWord {
  /** The number of digits it stands for. */
  readonly digits: number;
  /** Whether it also has another meaning ("for", "do"), so that it counts only between digits. */
  readonly ambiguous: boolean;
}

const ONE_DIGIT = [
  ...['zero', 'nought', 'naught', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'niner'],
  // Hindi in Latin letters and in Devanagari, and English in Devanagari.
  ...[
    'shunya',
    'shoonya',
    'sunya',
    'ek',
    'teen',
    'chaar',
    'char',
    'paanch',
    'panch',
    'paach',
    'chhe',
    'chhah',
    'chhai',
  ],
  ...[
    'cheh',
    'saat',
    'aath',
    'nau',
    'शून्य',
    'एक',
    'दो',
    'तीन',
    'चार',
    'पांच',
    'पाँच',
    'पान्च',
    'छह',
    'छः',
    'छे',
    'छ',
    'सात',
  ],
  ...['आठ', 'नौ', 'जीरो', 'ज़ीरो', 'वन', 'टू', 'थ्री', 'फोर', 'फ़ोर', 'फाइव', 'फ़ाइव', 'सिक्स', 'सेवन', 'एट', 'नाइन'],
];
const TEENS = [
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const TENS = ['twenty', 'thirty', 'forty', 'fourty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const AMBIGUOUS = ['to', 'too', 'for', 'won', 'ate', 'o', 'oh', 'do', 'no', 'tin', 'sat', 'aat', 'che'];

const TENS_WORDS = new Set(TENS);
const WORDS = new Map<string, NumberWord>([
  ...ONE_DIGIT.map((word) => [word.normalize('NFKC'), { digits: 1, ambiguous: false }] as const),
  ...[...TEENS, ...TENS].map((word) => [word, { digits: 2, ambiguous: false }] as const),
  ...AMBIGUOUS.map((word) => [word, { digits: 1, ambiguous: true }] as const),
  ['hundred', { digits: 2, ambiguous: true }],
]);

const RUN_TOGETHER = new RegExp(`^(?:${[...TEENS, ...TENS, ...ONE_DIGIT.filter(isLatin)].join('|')}){2,}$`);
const PART = new RegExp([...TEENS, ...TENS, ...ONE_DIGIT.filter(isLatin)].join('|'), 'g');

/** Reads a lower-case word as part of a spelled number; null if it is not. "nineeight" has two digits. */
export function numberWord(word: string): NumberWord | null {
  const known = WORDS.get(word);
  if (known) return known;
  if (!RUN_TOGETHER.test(word)) return null;
  const digits = word.match(PART)!.reduce((sum, part) => sum + WORDS.get(part)!.digits, 0);
  return { digits, ambiguous: false };
}

/** "twenty", which before a unit is only its first digit. */
export function isTens(word: string): boolean {
  return TENS_WORDS.has(word);
}

const REPEATERS: Readonly<Record<string, number>> = { double: 2, triple: 3, treble: 3, डबल: 2, ट्रिपल: 3 };

/** How often the following digit is repeated: 2 for "double"; null for any other word. */
export function repeats(word: string): number | null {
  return REPEATERS[word] ?? null;
}

const FILLERS = new Set([
  ...[
    'and',
    'then',
    'after',
    'that',
    'next',
    'followed',
    'by',
    'rest',
    'remaining',
    'first',
    'last',
    'is',
    'the',
    'gap',
    'blank',
  ],
  ...['dot', 'dash', 'hyphen', 'minus', 'space', 'plus', 'comma', 'point', 'slash', 'star', 'hash', 'digit', 'digits'],
  ...['aur', 'phir', 'fir', 'baad', 'baki', 'ke', 'और', 'फिर', 'बाद', 'के', 'डैश', 'स्पेस'],
]);

/** A word that people put between the parts of one number. */
export function joinsNumbers(word: string): boolean {
  return FILLERS.has(word);
}

/** Words of two letters that start another thought. */
const OWN_WORDS = new Set('or of in at if my me we he us so go up ok hi it an as am be ka ki ko se hu'.split(' '));

/** One or two letters without meaning, put between digits to hide a number. */
export function isNoise(word: string): boolean {
  return [...word].length <= 2 && !OWN_WORDS.has(word);
}

const UNITS = new Set([
  ...['x', 'kg', 'g', 'gm', 'gms', 'mg', 'l', 'lt', 'ml', 'km', 'm', 'cm', 'mm', 'ft', 'rs', 'am', 'pm', 'hr', 'h'],
  ...['th', 'st', 'nd', 'rd', 'pc', 'pk'],
]);

/** A unit or the ending of an ordinal: what stands before it is a quantity, not part of a number. */
export function isUnit(word: string): boolean {
  return UNITS.has(word);
}

function isLatin(word: string): boolean {
  return /^[a-z]+$/.test(word);
}
