/** Digits that may be a phone number: seven or more, as people write them, and no part of an id. */
const PHONE_LIKE = /(?<![\w-])(?:\+|00|%2B)?\(?\d(?:[\s().-]{0,2}\d){6,}(?!\w)/giu;

/**
 * Removes possible phone numbers from a text of foreign origin, such as a provider's or the database's message.
 *
 * @param known a text whose numbers may stay, because they are ours
 */
export function withoutNumbers(text: string, known = ''): string {
  const ours = known.replace(/[\s().-]/g, '');
  return text.replace(PHONE_LIKE, (number) => {
    const digits = number.replace(/^%2B/i, '').replace(/\D/g, '');
    return ours !== '' && ours.includes(digits) ? number : '•••';
  });
}
