import type { EntityManager } from 'typeorm';

/**
 * More than an installation can have used since a backup: a thousand ids a second take eleven days. A bigint has room
 * for nine billion restores.
 */
export const JUMP = 1_000_000_000;

/** Moves every sequence of our schema far ahead, so that no id is given that was given before the restore. */
export async function jumpSequences(tx: EntityManager): Promise<void> {
  await tx.sql`
    SELECT setval(format('%I.%I', sequence.schemaname, sequence.sequencename)::regclass,
                  COALESCE(sequence.last_value, 0) + ${JUMP}::bigint)
    FROM pg_sequences AS sequence
    WHERE sequence.schemaname = current_schema() AND sequence.data_type = 'bigint'::regtype`;
}
