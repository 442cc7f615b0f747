/** Continues erasures that wait for the end of orders, every minute. */
export const ERASURES_DUE = 'telephony.erasures-due';
