import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables, createIndex } from '../src/platform/database/table-changes.js';

/** The tables whose rows are moved with their order, and their indexes there. */
const MOVED: Readonly<Record<string, readonly string[]>> = {
  orders: ['(id)', '(reference)', '(placed_at, id)', '(pool_id, active_at) WHERE active_at IS NOT NULL'],
  participants: ['(order_id)'],
  order_events: ['(order_id, id)', '(position)'],
  outgoing_calls: ['(order_id)', '(ordered_at) WHERE ordered_at IS NOT NULL'],
  interactions: [
    '(provider_call_id, provider)',
    '(order_id, at) WHERE order_id IS NOT NULL',
    '(virtual_number, at) WHERE virtual_number IS NOT NULL',
    `(provider, provider_call_id) WHERE substring(recording FROM 1 FOR 4) <> '\\x4d4c4b32'::bytea`,
  ],
};

/**
 * Expand: where an order goes that is over, a table with a partition for each month. A column that is added to one of the
 * live tables must be added to its ended table too, and to the view of both.
 *
 * The previous version runs beside this one during an update and knows the live tables only. So an installation that has
 * orders begins to move them a day later, which is also the time for going back to the previous version. The job that
 * moves them is the backfill, and there is nothing to contract. Safe to run again from the beginning.
 */
export class EndedOrders1795305600090 implements MigrationInterface {
  /** Indexes are created concurrently. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['orders'], async () => {
      const [{ isDone }] = (await runner.query(`SELECT to_regclass('ended_orders') IS NOT NULL AS "isDone"`)) as [
        { isDone: boolean },
      ];
      if (isDone) return;
      // When to try again to move an ended order; null = it was not tried yet.
      await runner.query('ALTER TABLE orders ADD COLUMN moves_at timestamptz');
      for (const [table, indexes] of Object.entries(MOVED)) {
        await runner.query(`
          CREATE TABLE ended_${table} (
            over_at timestamptz NOT NULL, -- the end of the order's grace
            LIKE ${table} INCLUDING DEFAULTS
          ) PARTITION BY RANGE (over_at)`);
        for (const index of indexes) await runner.query(`CREATE INDEX ON ended_${table} ${index}`);
        await runner.query(`
          CREATE VIEW all_${table} AS
          SELECT 'infinity'::timestamptz AS over_at, live.* FROM ${table} AS live
          UNION ALL
          SELECT ended.* FROM ended_${table} AS ended`);
      }
      await runner.query(`
        CREATE TABLE moving_ended_orders (
          begins_at timestamptz NOT NULL -- processes of the version before this table may run until then
        )`);
      await runner.query(`
        INSERT INTO moving_ended_orders (begins_at)
        SELECT CASE WHEN EXISTS (SELECT FROM orders) THEN now() + interval '1 day' ELSE '-infinity' END`);
    });
    // What is to be moved next: an ended order after its quarantine.
    await createIndex(
      runner,
      'orders_to_move',
      `ON orders (COALESCE(moves_at AT TIME ZONE 'UTC', GREATEST(closed_at, connects_until) AT TIME ZONE 'UTC'
                                                        + make_interval(secs => quarantine_seconds)))
       WHERE status = 'ended'`,
    );
    // The list of orders of a status, newest first.
    await createIndex(runner, 'orders_by_status', 'ON orders (status, placed_at, id)');
  }

  /** Only while nothing is moved. */
  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(MOVED)) {
      await runner.query(`DROP VIEW all_${table}`);
      await runner.query(`DROP TABLE ended_${table}`);
    }
    await runner.query('DROP TABLE moving_ended_orders');
    await runner.query('DROP INDEX orders_by_status, orders_to_move');
    await runner.query('ALTER TABLE orders DROP COLUMN moves_at');
  }
}
