import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * For how long calls are decided from a local copy of the assignments. Each assignment says after what time its pair may
 * be assigned again, because that bounds how old a usable copy may be. Assignments of the previous version do not say
 * it, so calls are not decided from copies of them.
 */
export class DecidingWithoutTheDatabase1795305600085 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['pools', 'assignments'], async () => {
      await runner.query(`
        ALTER TABLE pools
          ADD COLUMN decide_without_database_seconds integer NOT NULL DEFAULT 900, -- 0 = never
          ADD CONSTRAINT decisions_without_the_database_end CHECK (decide_without_database_seconds >= 0)`);
      await runner.query(`
        ALTER TABLE assignments
          ADD COLUMN quarantine_seconds integer, -- of its order
          ADD CONSTRAINT a_quarantine_does_not_end_before_it_begins CHECK (quarantine_seconds >= 0) NOT VALID`);
    });
    await runner.query(`
      UPDATE pools SET decide_without_database_seconds = LEAST(decide_without_database_seconds, quarantine_seconds)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE assignments DROP COLUMN quarantine_seconds');
    await runner.query('ALTER TABLE pools DROP COLUMN decide_without_database_seconds');
  }
}
