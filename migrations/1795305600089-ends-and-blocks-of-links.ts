import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * Expand: assignments tell whether they ended while their order went on, and orders keep the blocks of closed links. Rows of the
 * previous version, which runs beside this one during an update, have the defaults: its callers hear that the order has
 * ended, and its blocks end with their link.
 */
export class EndsAndBlocksOfLinks1795305600089 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['assignments', 'orders'], async () => {
      await runner.query('ALTER TABLE assignments ADD COLUMN ended_early boolean NOT NULL DEFAULT false');
      // [{"by": role, "of": role, "since": …}]: who is blocked by whom once their link is opened again
      await runner.query(`ALTER TABLE orders ADD COLUMN blocks jsonb NOT NULL DEFAULT '[]'`);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders DROP COLUMN blocks');
    await runner.query('ALTER TABLE assignments DROP COLUMN ended_early');
  }
}
