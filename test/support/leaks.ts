/** A phone found in a text, and how it is written there. */
export interface Leak {
  readonly phone: string;
  readonly around: string;
}

const SEPARATED = /(?<=\d)(?:%20|%2B|[\s().,:\-+_/]){1,3}(?=\d)/gi;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;

/** A run of characters in which a spelling can be, and the lengths that spellings have there. */
const RUNS = [
  { run: /\d{10,}/g, lengths: [10, 20] }, // the national number, and its hex, which has no letters
  { run: /[A-Za-z0-9+/_-]{12,}/g, lengths: [12, 13] }, // base64
];

/**
 * Finds phones in a text in every form: E.164, national, with a leading 0, with separators, URL-encoded, in other
 * scripts, in hex or in base64. The text is read once, however many phones there are.
 */
export function leaksIn(text: string, phones: readonly string[]): Leak[] {
  const spellings = spellingsOf(phones);
  const plain = text.normalize('NFKC').replace(OTHER_DIGITS, inAscii);
  const haystacks = [text, plain, decoded(plain), plain.replace(SEPARATED, ''), decoded(plain).replace(SEPARATED, '')];
  const leaks = new Map<string, Leak>();
  for (const haystack of new Set(haystacks)) {
    for (const { at, length, phone } of found(haystack, spellings)) {
      const around = haystack.slice(Math.max(0, at - 120), at + length + 60);
      if (!leaks.has(phone)) leaks.set(phone, { phone, around });
    }
  }
  return [...leaks.values()];
}

function* found(
  haystack: string,
  spellings: ReadonlyMap<string, string>,
): Iterable<{ at: number; length: number; phone: string }> {
  for (const { run, lengths } of RUNS) {
    for (const { 0: characters, index } of haystack.matchAll(run)) {
      for (const length of lengths) {
        for (let at = 0; at + length <= characters.length; at += 1) {
          const phone = spellings.get(characters.slice(at, at + length));
          if (phone !== undefined) yield { at: index + at, length, phone };
        }
      }
    }
  }
}

/** By list of phones: a test adds to its list and searches thousands of texts for what is in it. */
const known = new WeakMap<readonly string[], { spellings: Map<string, string>; phones: number }>();

/** The phone of each spelling. */
function spellingsOf(phones: readonly string[]): ReadonlyMap<string, string> {
  const of = known.get(phones) ?? { spellings: new Map<string, string>(), phones: 0 };
  known.set(phones, of);
  for (const phone of phones.slice(of.phones)) for (const one of spelled(phone)) of.spellings.set(one, phone);
  of.phones = phones.length;
  return of.spellings;
}

/** The national number is part of every decimal form. */
function spelled(phone: string): string[] {
  const national = phone.slice(-10);
  return [national, Buffer.from(national).toString('hex'), ...inBase64(national)];
}

/** The base64 text that all texts with these words have in common, at each of three alignments. */
function inBase64(words: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.from('x'.repeat(offset) + words).toString('base64');
    const whole = Math.floor(((offset + words.length) * 8) / 6);
    const common = encoded.slice(Math.ceil((offset * 8) / 6), whole);
    return [common, common.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function decoded(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)));
}

/** The ten digits of a script are consecutive. */
function inAscii(digit: string): string {
  let zero = digit.codePointAt(0)!;
  const code = zero;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
