/** The clock of the recent tries: every hour, those that count no more are forgotten. */
export const RECENT_TRIES_DUE = 'telephony.recent-tries-due';
