import type { MigrationInterface, QueryRunner } from 'typeorm';

import { createIndex } from '../src/platform/database/table-changes.js';

/**
 * Expand: an index that finds who is shown a number, before it is retired. Without it, all assignments were read for each
 * number. The previous version uses it, too.
 */
export class AssignmentsByShownNumber1795305600121 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndex(runner, 'assignments_by_shown_number', 'ON assignments (shown_number)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX assignments_by_shown_number');
  }
}
