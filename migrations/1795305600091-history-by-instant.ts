import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables, createIndex } from '../src/platform/database/table-changes.js';

const SPAN = `int8range(number_at(virtual_number, assigned_at),
                        number_at(virtual_number, GREATEST(assigned_at, quarantined_until)), '[]')`;

/**
 * Expand: an index that finds the past assignments of a number at an instant, however many the number had. It is of
 * ranges: each assignment is a range on one line, on which each number has a stretch of its own with its seconds. The
 * previous version does not use it. Safe to run again from the beginning.
 */
export class HistoryByInstant1795305600091 implements MigrationInterface {
  /** Indexes are created concurrently, one for each month. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // Two numbers with the same last nine digits share a stretch, so the query compares the number too.
    await runner.query(`
      CREATE OR REPLACE FUNCTION number_at(number text, at timestamptz) RETURNS bigint
      LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT (right(number, 9)::bigint << 33) + floor(extract(epoch FROM at AT TIME ZONE 'UTC'))::bigint
      $$`);
    await changeTables(runner, ['assignment_history'], async () => {
      await runner.query('DROP INDEX IF EXISTS assignment_history_by_instant');
      await runner.query(`CREATE INDEX assignment_history_by_instant ON ONLY assignment_history USING gist (${SPAN})`);
    });
    const months = (await runner.query(`
      SELECT link.inhrelid::regclass::text AS name FROM pg_inherits AS link
      WHERE link.inhparent = 'assignment_history'::regclass`)) as { name: string }[];
    for (const { name } of months) {
      await createIndex(runner, `${name}_by_instant`, `ON ${name} USING gist (${SPAN})`);
      await runner.query(`ALTER INDEX assignment_history_by_instant ATTACH PARTITION ${name}_by_instant`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX assignment_history_by_instant');
    await runner.query('DROP FUNCTION number_at');
  }
}
