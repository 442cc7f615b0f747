/** The clock of the history: every day, the months that are older than it is kept. */
export const HISTORY_DUE = 'virtual-numbers.history-due';
