/** Deletes the words of kept texts whose time is over, once a minute. */
export const TEXTS_DUE = 'telephony.texts-due';
