import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables, createIndex } from '../src/platform/database/table-changes.js';

/**
 * What explanations read. They list the calls to a number around an instant: without the index they read all calls of
 * that time. Events tell which participant or link they are about, and which direction a link had before. Safe to run
 * again from the beginning.
 */
export class Explanations1795305600086 implements MigrationInterface {
  /** No statement keeps a lock while the next one waits or works. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['order_events'], async () => {
      await runner.query('ALTER TABLE order_events ADD COLUMN IF NOT EXISTS about jsonb'); // null = not stored
    });
    await createIndex(
      runner,
      'interactions_by_number',
      'ON interactions (virtual_number, at) WHERE virtual_number IS NOT NULL',
    );
    // The previous migration added it without reading the rows.
    await runner.query('ALTER TABLE assignments VALIDATE CONSTRAINT a_quarantine_does_not_end_before_it_begins');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS interactions_by_number');
    await runner.query('ALTER TABLE order_events DROP COLUMN IF EXISTS about');
  }
}
