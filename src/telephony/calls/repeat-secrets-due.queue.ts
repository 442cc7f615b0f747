/** The clock of the secrets by which repeated requests are known: every minute, the old ones are deleted. */
export const REPEAT_SECRETS_DUE = 'telephony.repeat-secrets-due';
