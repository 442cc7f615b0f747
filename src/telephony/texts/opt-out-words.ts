/** The words by which consent to texts is taken back in any law that names some (47 CFR 64.1200(a)(10)), and Twilio's. */
const STOP_WORDS = new Set(['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout']);
const START_WORDS = new Set(['start', 'unstop', 'yes']);

/**
 * Whether a text, as a whole, takes consent back or gives it again: "Stop." does, "cancel my order" does not. Case,
 * spaces and punctuation are nothing to it. What a START word means depends on whether its sender had said STOP:
 * of anybody else, "yes" is an answer.
 */
export function optOutWordIn(text: string): 'stop' | 'start' | null {
  const word = text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '')
    .toLowerCase();
  if (STOP_WORDS.has(word)) return 'stop';
  return START_WORDS.has(word) ? 'start' : null;
}
