import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables, createIndex } from '../src/platform/database/table-changes.js';

const COLUMNS = '(virtual_number, assigned_at, order_id)';

/**
 * Expand: an index that finds the orders that a number served, newest first, however many the number had. The previous
 * version does not use it. Safe to run again from the beginning.
 */
export class HistoryByNumber1795305600107 implements MigrationInterface {
  /** Indexes are created concurrently, one for each month. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['assignment_history'], async () => {
      await runner.query('DROP INDEX IF EXISTS assignment_history_by_number');
      await runner.query(`CREATE INDEX assignment_history_by_number ON ONLY assignment_history ${COLUMNS}`);
    });
    const months = (await runner.query(`
      SELECT link.inhrelid::regclass::text AS name FROM pg_inherits AS link
      WHERE link.inhparent = 'assignment_history'::regclass`)) as { name: string }[];
    for (const { name } of months) {
      await createIndex(runner, `${name}_by_number`, `ON ${name} ${COLUMNS}`);
      await runner.query(`ALTER INDEX assignment_history_by_number ATTACH PARTITION ${name}_by_number`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX assignment_history_by_number');
  }
}
