/** Creates the months to come and deletes what is older than the settings allow, every hour. */
export const RETENTION_DUE = 'platform.retention-due';
