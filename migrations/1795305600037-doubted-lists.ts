import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A list that suddenly lacks many numbers is not believed at once: docs/decisions/0070-a-list-that-lacks-many-is-doubted.md. */
export class DoubtedLists1795305600037 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE number_checks
        ADD COLUMN unlisted_since timestamptz -- since when the provider's lists lack it; null while the last one had it`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE number_checks DROP COLUMN unlisted_since');
  }
}
