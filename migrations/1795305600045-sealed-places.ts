import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Values that were sealed without their place, by which the job finds them that seals them anew. Each index shrinks to
 * nothing, and a row that is written now is in none of them.
 */
const OLD_VALUES = [
  ['participants', 'phone', 'id'],
  ['participant_phones', 'phone', 'id'],
  ['assignments', 'callee_phone', 'virtual_number, dialler_key'],
  ['assignments', 'pin', 'virtual_number, dialler_key'],
  ['interactions', 'recording', 'provider, provider_call_id'],
  ['kept_texts', 'words', 'provider, provider_message_id'],
  ['incoming_events', 'data', 'id'],
] as const;

export class SealedPlaces1795305600045 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column, key] of OLD_VALUES) {
      await runner.query(`
        CREATE INDEX ${table}_${column}_to_reseal ON ${table} (${key})
        WHERE substring(${column} FROM 1 FOR 4) <> '\\x4d4c4b32'::bytea`);
    }
  }

  /** Values that were sealed since then do not open in the version before. */
  async down(runner: QueryRunner): Promise<void> {
    for (const [table, column] of OLD_VALUES) await runner.query(`DROP INDEX ${table}_${column}_to_reseal`);
  }
}
