import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * Expand: how a database that was restored from a backup is recognised, and what is in doubt after that. The previous
 * version ignores it. Nothing is in doubt until a restore, so no row changes.
 */
export class Restorations1795305600099 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A restore writes the row anew, in another transaction and mostly in another table: then it does not say the truth
    // about itself any more. No migration may rewrite this table.
    await runner.query(`
      CREATE TABLE installation (
        is_the_only_one boolean     NOT NULL DEFAULT true,
        id              uuid        NOT NULL DEFAULT gen_random_uuid(), -- drawn again with the first beat
        beat            bigint      NOT NULL, -- counts the heartbeats of the installation; 0 = no process has used it
        beat_at         timestamptz NOT NULL,
        written_by      bigint      NOT NULL, -- the transaction that wrote this row
        table_oid       bigint      NOT NULL, -- of this table
        database_oid    bigint      NOT NULL,

        CONSTRAINT there_is_one_installation PRIMARY KEY (is_the_only_one),
        CONSTRAINT there_is_no_other_installation CHECK (is_the_only_one)
      )`);
    await runner.query(`
      INSERT INTO installation (beat, beat_at, written_by, table_oid, database_oid) VALUES (0, now(), 0, 0, 0)`);
    await runner.query(`
      CREATE TABLE restorations (
        id                     bigint      GENERATED ALWAYS AS IDENTITY,
        recognised_by          text        NOT NULL,
        content_until          timestamptz,          -- the last heartbeat before the gap; null = unknown
        detected_at            timestamptz NOT NULL, -- the end of the gap
        numbers_withheld_until timestamptz NOT NULL, -- the last of them
        ended_at               timestamptz,
        ended_by_hand          boolean     NOT NULL DEFAULT false,

        CONSTRAINT restorations_pkey PRIMARY KEY (id),
        CONSTRAINT a_restore_is_recognised_somehow
          CHECK (recognised_by IN ('rewritten', 'set-back', 'older-version', 'stated'))
      )`);
    await runner.query(`
      CREATE TABLE unconfirmed_participants (
        participant_id uuid NOT NULL,
        order_id       uuid NOT NULL,

        CONSTRAINT unconfirmed_participants_pkey PRIMARY KEY (participant_id)
      )`);
    await runner.query('CREATE INDEX unconfirmed_participants_by_order ON unconfirmed_participants (order_id)');
    // An assignment of a participant in doubt is in doubt, whoever writes it.
    await runner.query(`
      CREATE FUNCTION doubt_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.unconfirmed := NEW.unconfirmed AND NEW.how_known <> 'registered'
          OR EXISTS (SELECT FROM unconfirmed_participants AS one
                     WHERE one.participant_id IN (NEW.dialler_id, NEW.callee_id));
        RETURN NEW;
      END $$`);
    await changeTables(runner, ['assignments', 'virtual_numbers'], async () => {
      await runner.query('ALTER TABLE virtual_numbers ADD COLUMN withheld_until timestamptz'); // null = it is not
      await runner.query('ALTER TABLE assignments ADD COLUMN unconfirmed boolean NOT NULL DEFAULT false');
      await runner.query(`
        CREATE TRIGGER an_assignment_is_as_doubtful_as_its_participants
        BEFORE INSERT OR UPDATE OF callee_id ON assignments
        FOR EACH ROW EXECUTE FUNCTION doubt_assignment()`);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER an_assignment_is_as_doubtful_as_its_participants ON assignments');
    await runner.query('DROP FUNCTION doubt_assignment');
    await runner.query('ALTER TABLE assignments DROP COLUMN unconfirmed');
    await runner.query('ALTER TABLE virtual_numbers DROP COLUMN withheld_until');
    await runner.query('DROP TABLE unconfirmed_participants, restorations, installation');
  }
}
