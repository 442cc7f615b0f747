/** Deletes the old secrets of repeated requests, once a minute. */
export const REPEAT_SECRETS_DUE = 'telephony.repeat-secrets-due';
