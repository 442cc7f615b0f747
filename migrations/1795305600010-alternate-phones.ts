import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Phones of a participant beside the registered one: they may dial the same number, and nobody ever rings them. */
export class AlternatePhones1795305600010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE participant_phones (
        id             uuid        NOT NULL DEFAULT gen_random_uuid(),
        order_id       uuid        NOT NULL,
        participant_id uuid        NOT NULL,
        phone          bytea       NOT NULL, -- sealed; the row goes when the participant leaves or is forgotten
        phone_key      bytea       NOT NULL, -- keyed lookup
        how_known      text        NOT NULL,
        added_at       timestamptz NOT NULL,

        CONSTRAINT participant_phones_pkey PRIMARY KEY (id),
        CONSTRAINT an_alternate_phone_is_a_participants
          FOREIGN KEY (participant_id) REFERENCES participants (id) ON DELETE CASCADE,
        CONSTRAINT an_alternate_phone_is_one_persons_in_an_order UNIQUE (order_id, phone_key),
        CONSTRAINT an_alternate_phone_was_declared_or_claimed CHECK (how_known IN ('declared', 'pin'))
      )`);
    await runner.query(`CREATE INDEX participant_phones_by_participant ON participant_phones (participant_id)`);
    await runner.query(`
      ALTER TABLE assignments
        ADD COLUMN how_known text NOT NULL DEFAULT 'registered', -- how the dialler's phone is: a side has one registered
        ADD CONSTRAINT a_dialler_is_registered_declared_or_claimed
          CHECK (how_known IN ('registered', 'declared', 'pin'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM assignments WHERE how_known <> 'registered'`);
    await runner.query('ALTER TABLE assignments DROP COLUMN how_known');
    await runner.query('DROP TABLE participant_phones');
  }
}
