/**
 * Opt-out words: those of 47 CFR 64.1200(a)(10), those that Twilio and other providers accept as STOP in English, and
 * the words for it in French (required in Canada), Spanish and Portuguese. Without accents.
 */
const STOP_WORDS = new Set([
  ...['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'remove'],
  ...['arret', 'arreter', 'arretez', 'desabonner', 'desabonnement'],
  ...['alto', 'parar', 'pare', 'detener', 'baja', 'darsedebaja', 'cancelar'],
]);
/** Twilio's words, and their French and Spanish equivalents. Without accents. */
const START_WORDS = new Set(['start', 'unstop', 'yes', 'debuter', 'demarrer', 'iniciar', 'comenzar']);

/**
 * Whether a whole text is an opt-out or opt-in: "Stop." is, "cancel my order" is not. Ignores case, spaces and
 * punctuation. A START word counts only if its sender has opted out; from anybody else "yes" is an answer.
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
