/** Moves calls that belong to no order to their month, every minute. */
export const CALLS_ENDED = 'telephony.calls-ended';
