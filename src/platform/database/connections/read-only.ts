/** A condition in SQL: whether the server accepts no writes, because it is a standby or an operator has made it so. */
export const IS_READ_ONLY = `pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean`;
