import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables, createIndex } from '../src/platform/database/table-changes.js';

/**
 * Expand: where incoming events go once they are settled, and calls that belong to no order: into months, as ended orders
 * do. The previous version does not find what is moved, so they begin to move when ended orders do. Safe to run again
 * from the beginning.
 */
export class WhatBelongsToNoOrder1795305600092 implements MigrationInterface {
  /** The index is created concurrently. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['incoming_events'], async () => {
      const [{ isDone }] = (await runner.query(
        `SELECT to_regclass('ended_incoming_events') IS NOT NULL AS "isDone"`,
      )) as [{ isDone: boolean }];
      if (isDone) return;
      await runner.query(`
        CREATE TABLE ended_incoming_events (
          over_at timestamptz NOT NULL, -- when it was received
          LIKE incoming_events INCLUDING DEFAULTS
        ) PARTITION BY RANGE (over_at)`);
      // Whether an event was stored before.
      await runner.query('CREATE INDEX ON ended_incoming_events (event_id, source)');
      // Rejected events, newest first.
      await runner.query(`CREATE INDEX ON ended_incoming_events (id) WHERE status = 'rejected'`);
      await runner.query(`
        CREATE VIEW all_incoming_events AS
        SELECT 'infinity'::timestamptz AS over_at, live.* FROM incoming_events AS live
        UNION ALL
        SELECT ended.* FROM ended_incoming_events AS ended`);
    });
    // Calls that belong to no order, oldest first.
    await createIndex(runner, 'interactions_of_no_order', 'ON interactions (at) WHERE order_id IS NULL');
  }

  /** Only while nothing is moved. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX interactions_of_no_order');
    await runner.query('DROP VIEW all_incoming_events');
    await runner.query('DROP TABLE ended_incoming_events');
  }
}
