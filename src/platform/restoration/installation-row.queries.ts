import type { EntityManager } from 'typeorm';

/** The row that tells whether the database still is the one that the installation wrote. */
export interface InstallationRow {
  readonly id: string;
  /** Counts heartbeats; 0 = no process has used the database. */
  readonly beat: number;
  readonly beatAt: Date;
  /** Whether the row still is where, and by the transaction, that it says. A restore from a dump writes it anew. */
  readonly isOriginal: boolean;
  /** Whether the next heartbeat is due. */
  readonly isDue: boolean;
}

/** A heartbeat is one small write for the whole installation. */
const BEATS_EVERY_SECONDS = 5;

const DATABASE_OID = '(SELECT own.oid::bigint FROM pg_database AS own WHERE own.datname = current_database())';

/** PostgreSQL keeps 32 bits of a transaction's number in a row. */
const IS_ORIGINAL = `
  installation.beat = 0
  OR (installation.xmin::text::bigint = installation.written_by % 4294967296
      AND installation.tableoid::bigint = installation.table_oid AND installation.database_oid = ${DATABASE_OID})`;

/** Takes no parameters, so that every connection can run it. */
export const READ_INSTALLATION = `
  SELECT installation.id, installation.beat::float8 AS beat, installation.beat_at AS "beatAt",
         (${IS_ORIGINAL}) AS "isOriginal",
         installation.beat = 0
         OR installation.beat_at <= clock_timestamp() - interval '${BEATS_EVERY_SECONDS} seconds' AS "isDue"
  FROM installation`;

/**
 * The next heartbeat, at most one for all processes. Does nothing to a row that a restore has written: it would destroy
 * the evidence. $1 = the lowest beat that is not suspicious.
 */
export const BEAT = `
  UPDATE installation
  SET beat = installation.beat + 1, beat_at = clock_timestamp(),
      id = CASE WHEN installation.beat = 0 THEN gen_random_uuid() ELSE installation.id END,
      written_by = pg_current_xact_id()::text::bigint, table_oid = installation.tableoid::bigint,
      database_oid = ${DATABASE_OID}
  WHERE (${IS_ORIGINAL}) AND installation.beat >= $1::bigint
    AND (installation.beat = 0
         OR installation.beat_at <= clock_timestamp() - interval '${BEATS_EVERY_SECONDS} seconds')
  RETURNING installation.id, installation.beat::float8 AS beat, installation.beat_at AS "beatAt",
            true AS "isOriginal", false AS "isDue"`;

/** Reads the row, and keeps other processes from recognising the same restore at the same time. */
export async function lockInstallation(tx: EntityManager): Promise<InstallationRow> {
  const [row] = (await tx.query(`${READ_INSTALLATION} FOR UPDATE`)) as [InstallationRow];
  return row;
}

/** Makes the row original again, with a beat that no process has seen. Not in a savepoint. */
export async function claimInstallation(tx: EntityManager, beat: number): Promise<void> {
  await tx.query(
    `UPDATE installation
     SET beat = $1, beat_at = clock_timestamp(), written_by = pg_current_xact_id()::text::bigint,
         table_oid = installation.tableoid::bigint, database_oid = ${DATABASE_OID}`,
    [beat],
  );
}
