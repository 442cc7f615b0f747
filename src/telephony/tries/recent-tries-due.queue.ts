/** Deletes tries that no longer count, once an hour. */
export const RECENT_TRIES_DUE = 'telephony.recent-tries-due';
