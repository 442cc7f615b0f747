/**
 * A phone number in plain characters. Removes invisible characters, converts digits of any script, and rewrites special
 * forms (a `tel:` URI, a bracketed country code, `00`) in the usual form. A text that is not a number does not become
 * one.
 */
export function plainSpelling(text: string): string {
  if (/^\+?\d+$/.test(text) && !text.startsWith('00')) return text;
  const plain = text
    .normalize('NFKC') // full-width digits and signs
    .replace(/\p{Cf}/gu, '') // direction marks, joiners, the byte order mark
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/\p{Pd}/gu, '-')
    .trim();
  return usualForm(/^tel:/i.test(plain) ? numberOfTelUri(plain.slice(4)) : plain);
}

function usualForm(number: string): string {
  return number
    .replace(/^\(\s*(\+\s*\d{1,3})\s*\)/, '$1 ') // (+91) 90000 00001
    .replace(/^(\+\s*\d{1,3}[\s-]*)\(\s*0\s*\)/, '$1') // +44 (0)20 7946 0000
    .replace(/^00(?=[\s-]*[1-9])/, '+')
    .trim();
}

/** RFC 3966: removes visual separators and parameters. An extension stays visible, so that it is refused. */
function numberOfTelUri(uri: string): string {
  const [encoded = '', ...parameters] = uri.split(';');
  const number = decoded(encoded).trim();
  const named = new Map(
    parameters.map((parameter): [string, string] => {
      const [name = '', value = ''] = parameter.split('=');
      return [name.trim().toLowerCase(), decoded(value).trim()];
    }),
  );
  const context = named.get('phone-context') ?? '';
  const ext = named.get('ext');
  return (
    (!number.startsWith('+') && /^\+[\d.()-]+$/.test(context) ? context : '') +
    number +
    (ext === undefined ? '' : ` ext. ${ext}`)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const DIGIT = /^\p{Nd}$/u;

/** Unicode keeps the ten digits of a script together, from 0 to 9. Sets that touch have ten digits each as well. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  if (code < 0x80) return digit;
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
