/** The clock of kept texts: every minute, the words of those that were kept long enough are forgotten. */
export const TEXTS_DUE = 'telephony.texts-due';
