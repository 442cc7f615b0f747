import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Explanations list the calls to a number around an instant. Without this index they read all calls of that time. */
export class CallsByNumber1795305600086 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX interactions_by_number ON interactions (virtual_number, at) WHERE virtual_number IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX interactions_by_number');
  }
}
