/** A phone found in a text, and how it is written there. */
export interface Leak {
  readonly phone: string;
  readonly around: string;
}

const SEPARATED = /(?<=\d)(?:%20|%2B|[\s().,:\-+_/]){1,3}(?=\d)/gi;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;

/**
 * Finds phones in a text in every form: E.164, national, with a leading 0, with separators, URL-encoded, in other
 * scripts, in hex or in base64.
 */
export function leaksIn(text: string, phones: readonly string[]): Leak[] {
  const plain = text.normalize('NFKC').replace(OTHER_DIGITS, inAscii);
  const haystacks = [text, plain, decoded(plain), plain.replace(SEPARATED, ''), decoded(plain).replace(SEPARATED, '')];
  return phones.flatMap((phone) => {
    for (const needle of spellings(phone)) {
      const found = haystacks.find((haystack) => haystack.includes(needle));
      if (found === undefined) continue;
      const at = found.indexOf(needle);
      return [{ phone, around: found.slice(Math.max(0, at - 120), at + needle.length + 60) }];
    }
    return [];
  });
}

/** The national number is part of every decimal form. */
function spellings(phone: string): string[] {
  const national = phone.slice(-10);
  const hex = Buffer.from(national).toString('hex');
  return [national, hex, hex.toUpperCase(), ...inBase64(national)];
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
