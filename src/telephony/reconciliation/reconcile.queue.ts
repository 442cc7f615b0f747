/** What providers did not tell of calls: every minute, they are asked how calls ended, and whether ordered ones were placed. */
export const RECONCILE = 'telephony.reconcile';
