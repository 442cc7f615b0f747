/** Drops history that is older than HISTORY_MONTHS, once a day. */
export const HISTORY_DUE = 'virtual-numbers.history-due';
