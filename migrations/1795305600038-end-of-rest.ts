import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sick number takes orders again by itself when it has rested long enough. */
export class EndOfRest1795305600038 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE virtual_numbers
        ADD COLUMN rested_at timestamptz -- when it was last put to rest; null = never`);
    await runner.query(`UPDATE virtual_numbers SET rested_at = now() WHERE status = 'resting'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE virtual_numbers DROP COLUMN rested_at');
  }
}
