/**
 * The words by which consent to texts is taken back: those of 47 CFR 64.1200(a)(10), those that Twilio and other providers
 * take for STOP in English, and the words for it in French (required in Canada), Spanish and Portuguese. Without accents.
 */
const STOP_WORDS = new Set([
  ...['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'remove'],
  ...['arret', 'arreter', 'arretez', 'desabonner', 'desabonnement'],
  ...['alto', 'parar', 'pare', 'detener', 'baja', 'darsedebaja', 'cancelar'],
]);
/** Of Twilio, and what a French or Spanish speaker would write instead. Without accents. */
const START_WORDS = new Set(['start', 'unstop', 'yes', 'debuter', 'demarrer', 'iniciar', 'comenzar']);

/**
 * Whether a text, as a whole, takes consent back or gives it again: "Stop." does, "cancel my order" does not. Case,
 * spaces and punctuation are nothing to it. What a START word means depends on whether its sender had said STOP:
 * of anybody else, "yes" is an answer.
 */
export function optOutWordIn(text: string): 'stop' | 'start' | null {
  const word = text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
  if (STOP_WORDS.has(word)) return 'stop';
  return START_WORDS.has(word) ? 'start' : null;
}
