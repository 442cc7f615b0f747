import { sqlStateOf } from '../database/connections/connection-lost.js';

/** The database does not allow logical replication. The message says in one sentence what to do. */
export class ReplicationRefused extends Error {}

/** Another process of this host already streams into the same place. */
export class SlotTaken extends Error {}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DUPLICATE_OBJECT = '42710';
const PROTOCOL_VIOLATION = '08P01';

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  '28000': 'let pg_hba.conf accept this user’s connections to this database also from a walsender',
  '42501': 'grant the right: ALTER ROLE … REPLICATION (Amazon RDS: GRANT rds_replication TO …)',
  '53300': 'raise max_wal_senders and max_connections; each host with a process of role api needs one walsender',
  '53400': 'raise max_replication_slots; each host with a process of role api needs one',
  '55000': 'set wal_level = logical and max_replication_slots above 0, and restart PostgreSQL',
  [PROTOCOL_VIOLATION]: 'use a connection pooler that passes replication connections, as PgBouncer 1.23 does, or none',
};

/** A failure to open a replication connection or to create its slot, in plain words if something has to be done. */
export function asReplicationTrouble(failure: unknown): unknown {
  const code = sqlStateOf(failure);
  if (code === null) return failure;
  if (code === DUPLICATE_OBJECT) return new SlotTaken('the replication slot is in use', { cause: failure });
  const todo = WHAT_TO_DO[code];
  return todo === undefined ? failure : refused(failure, todo);
}

/** A failure to create or change the publication, in plain words if something has to be done. */
export function asPublicationTrouble(failure: unknown, publication: string, tables: readonly string[]): unknown {
  if (sqlStateOf(failure) !== '42501') return failure;
  return refused(failure, `as their owner, run CREATE PUBLICATION ${publication} FOR TABLE ${tables.join(', ')}`);
}

function refused(failure: unknown, todo: string): ReplicationRefused {
  return new ReplicationRefused(`PostgreSQL says: ${(failure as Error).message}. To do: ${todo}.`, { cause: failure });
}
