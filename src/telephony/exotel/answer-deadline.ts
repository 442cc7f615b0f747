/** Exotel waits five seconds, and the answer needs some time on the way. */
export const EXOTEL_ANSWER_WITHIN_MS = 4_000;
