import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

const EVENTS = ['all_incoming_events', 'incoming_events', 'ended_incoming_events'] as const;
const [VIEW, ...EVENT_TABLES] = EVENTS;

/**
 * Contract: drops `number_checks.listed_at` and `incoming_events.settled_at`, which nothing has written or read since
 * migration 49. Both tables of incoming events lose the column together, because rows move from one to the other whole.
 */
export class ColumnsThatNobodyUses1795305600112 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['number_checks'], async () => {
      await runner.query('ALTER TABLE number_checks DROP COLUMN listed_at');
    });
    await changeTables(runner, EVENTS, async () => {
      await runner.query(`DROP VIEW ${VIEW}`);
      for (const table of EVENT_TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN settled_at`);
      await createView(runner);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP VIEW ${VIEW}`);
    for (const table of EVENT_TABLES) await runner.query(`ALTER TABLE ${table} ADD COLUMN settled_at timestamptz`);
    await createView(runner);
    await runner.query('ALTER TABLE number_checks ADD COLUMN listed_at timestamptz');
  }
}

/** Live and ended events, as migration 92 has it: a view keeps the columns that its tables had when it was created. */
async function createView(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE VIEW ${VIEW} AS
    SELECT 'infinity'::timestamptz AS over_at, live.* FROM incoming_events AS live
    UNION ALL
    SELECT ended.* FROM ended_incoming_events AS ended`);
}
