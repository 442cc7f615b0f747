import type { MigrationInterface, QueryRunner } from 'typeorm';

/** In which language the callers of a pool's numbers are spoken to. */
export class LanguageOfPools1795305600027 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pools
        ADD COLUMN language text NOT NULL DEFAULT 'en', -- ISO 639
        ADD CONSTRAINT a_language_is_two_or_three_letters CHECK (language ~ '^[a-z]{2,3}$')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE pools DROP COLUMN language`);
  }
}
