/** Exotel hangs up after five seconds, and the answer has a way to go. */
export const EXOTEL_ANSWER_WITHIN_MS = 4_000;
