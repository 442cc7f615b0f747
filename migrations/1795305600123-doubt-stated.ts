import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * Expand: a statement that inserts assignments may state whether they are in doubt. The trigger then does not look for
 * each row. It looks for every other statement, as before. The previous version states nothing.
 */
export class DoubtStated1795305600123 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION doubt_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.unconfirmed := COALESCE(NEW.unconfirmed, false) AND NEW.how_known <> 'registered'
          OR EXISTS (SELECT FROM unconfirmed_participants AS one
                     WHERE one.participant_id IN (NEW.dialler_id, NEW.callee_id));
        RETURN NEW;
      END $$`);
    await changeTables(runner, ['assignments'], async () => {
      await runner.query('ALTER TABLE assignments ALTER COLUMN unconfirmed DROP DEFAULT');
      await runner.query('DROP TRIGGER an_assignment_is_as_doubtful_as_its_participants ON assignments');
      await runner.query(`
        CREATE TRIGGER an_assignment_is_as_doubtful_as_its_participants BEFORE INSERT ON assignments
        FOR EACH ROW WHEN (NEW.unconfirmed IS NULL) EXECUTE FUNCTION doubt_assignment()`);
      await runner.query(`
        CREATE TRIGGER an_assignment_is_as_doubtful_as_its_new_callee BEFORE UPDATE OF callee_id ON assignments
        FOR EACH ROW EXECUTE FUNCTION doubt_assignment()`);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['assignments'], async () => {
      await runner.query('DROP TRIGGER an_assignment_is_as_doubtful_as_its_new_callee ON assignments');
      await runner.query('DROP TRIGGER an_assignment_is_as_doubtful_as_its_participants ON assignments');
      await runner.query('ALTER TABLE assignments ALTER COLUMN unconfirmed SET DEFAULT false');
      await runner.query(`
        CREATE TRIGGER an_assignment_is_as_doubtful_as_its_participants
        BEFORE INSERT OR UPDATE OF callee_id ON assignments
        FOR EACH ROW EXECUTE FUNCTION doubt_assignment()`);
    });
  }
}
