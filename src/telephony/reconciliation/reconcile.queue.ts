/** Asks the providers, once a minute, how unreported calls ended, and whether ordered calls were placed. */
export const RECONCILE = 'telephony.reconcile';
