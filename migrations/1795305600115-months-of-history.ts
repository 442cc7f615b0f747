import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * Expand: until when the assignments of each month of history mattered, so that a question about an instant leaves aside
 * the months whose assignments were over by then. A trigger notes it, because processes of the previous version archive
 * assignments too. Of the months that exist, it is known that nothing in them is later than now: an assignment is archived
 * after its quarantine.
 */
export class MonthsOfHistory1795305600115 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['assignment_history'], async () => {
      await runner.query(`
        CREATE TABLE assignment_history_months (
          month        timestamptz NOT NULL, -- its first instant, in UTC; stays when the month is dropped
          covers_until timestamptz NOT NULL, -- every quarantine of its assignments was over by then

          CONSTRAINT assignment_history_months_pkey PRIMARY KEY (month)
        )`);
      await runner.query(`
        INSERT INTO assignment_history_months (month, covers_until)
        SELECT (replace(right(partition.relname, 7), '_', '-') || '-01 00:00:00+00')::timestamptz, now() + interval '1 hour'
        FROM pg_inherits AS link JOIN pg_class AS partition ON partition.oid = link.inhrelid
        WHERE link.inhparent = 'assignment_history'::regclass`);
      // To the hour, so that few archivings write, and none of them waits for another one in vain.
      await runner.query(`
        CREATE FUNCTION note_months_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO assignment_history_months AS known (month, covers_until)
          SELECT noted.month, noted.covers_until
          FROM (SELECT date_trunc('month', one.assigned_at, 'UTC') AS month,
                       date_trunc('hour', max(GREATEST(one.connects_until, one.released_at, one.quarantined_until)), 'UTC')
                       + interval '1 hour' AS covers_until
                FROM archived AS one GROUP BY 1) AS noted
          WHERE NOT EXISTS (SELECT FROM assignment_history_months AS enough
                            WHERE enough.month = noted.month AND enough.covers_until >= noted.covers_until)
          ORDER BY noted.month
          ON CONFLICT (month) DO UPDATE SET covers_until = GREATEST(known.covers_until, excluded.covers_until);
          RETURN NULL;
        END $$`);
      await runner.query(`
        CREATE TRIGGER months_of_history_are_noted AFTER INSERT ON assignment_history
        REFERENCING NEW TABLE AS archived FOR EACH STATEMENT EXECUTE FUNCTION note_months_of_history()`);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER months_of_history_are_noted ON assignment_history');
    await runner.query('DROP FUNCTION note_months_of_history');
    await runner.query('DROP TABLE assignment_history_months');
  }
}
