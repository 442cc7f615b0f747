import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Nothing reads `number_checks.listed_at` or `incoming_events.settled_at`, and from this version on nothing writes them.
 * The previous version does, and may run beside this one, so they stay: a migration of a later version drops them.
 */
export class ColumnsWithoutUse1795305600049 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE number_checks ALTER COLUMN listed_at DROP NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('UPDATE number_checks SET listed_at = now() WHERE listed_at IS NULL');
    await runner.query('ALTER TABLE number_checks ALTER COLUMN listed_at SET NOT NULL');
  }
}
