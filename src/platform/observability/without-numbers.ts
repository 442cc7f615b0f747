/** Digits that may be a phone number: seven or more, as people write them, and no part of an id. */
const PHONE_LIKE = /(?<![\w-])(?:\+|00|%2B)?\(?\d(?:[\s().-]{0,2}\d){6,}(?!\w)/giu;

/**
 * A text without what may be a phone number in it, for words that somebody else chose: a provider's, a database's.
 *
 * @param known a text whose numbers may stay, as they are ours
 */
export function withoutNumbers(text: string, known = ''): string {
  const ours = known.replace(/[\s().-]/g, '');
  return text.replace(PHONE_LIKE, (number) => {
    const digits = number.replace(/^%2B/i, '').replace(/\D/g, '');
    return ours !== '' && ours.includes(digits) ? number : '•••';
  });
}
