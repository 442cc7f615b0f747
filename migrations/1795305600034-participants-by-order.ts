import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everybody of an order, those who left included: until now that read the whole table. */
export class ParticipantsByOrder1795305600034 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Whoever was on an order: for its answers, for explanations, and to forget their phones.
    await runner.query(`CREATE INDEX participants_by_order ON participants (order_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX participants_by_order');
  }
}
