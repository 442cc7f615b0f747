import { setTimeout as sleep } from 'node:timers/promises';

import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

const ROWS_A_BATCH = 5_000;
const PAUSE_MS = 100;

/** Checks that were added without reading the rows of running installations. */
const TO_VALIDATE = {
  participants: ['a_role_is_a_short_name'],
  orders: [
    'an_order_counts_one_link_at_least',
    'an_orders_links_are_a_list',
    'an_order_gets_its_numbers_early_or_late',
  ],
  assignments: [
    'a_dialler_has_a_role',
    'a_callee_has_a_role',
    'a_link_joins_two_roles',
    'a_callee_is_known_as_a_whole_or_not_at_all',
  ],
  outgoing_calls: ['a_wanted_call_is_of_a_role'],
};

/**
 * Names the link of every assignment of an earlier version. In batches that never wait for a row and that commit one by
 * one, because the previous version serves calls meanwhile. Safe to run again from the beginning.
 */
export class LinksOfOpenOrders1795305600084 implements MigrationInterface {
  /** Each batch commits by itself. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    while (await somethingIsLeft(runner)) {
      let after = { virtual_number: '', dialler_key: Buffer.alloc(0) };
      for (;;) {
        const [last] = (await runner.query(NAME_A_BATCH, [after.virtual_number, after.dialler_key, ROWS_A_BATCH])) as [
          typeof after,
        ];
        if (!last) break;
        after = last;
      }
      await sleep(PAUSE_MS); // for rows that others had locked
    }
    // PostgreSQL then sets NOT NULL without reading the rows while nobody can use the table.
    await changeTables(runner, ['assignments'], async () => {
      await runner.query(`
        ALTER TABLE assignments
          DROP CONSTRAINT IF EXISTS every_assignment_has_a_link,
          ADD CONSTRAINT every_assignment_has_a_link CHECK (callee_role IS NOT NULL) NOT VALID`);
    });
    await runner.query('ALTER TABLE assignments VALIDATE CONSTRAINT every_assignment_has_a_link');
    await changeTables(runner, ['assignments'], async () => {
      await runner.query('ALTER TABLE assignments ALTER COLUMN callee_role SET NOT NULL');
      await runner.query('ALTER TABLE assignments DROP CONSTRAINT every_assignment_has_a_link');
    });
    for (const [table, constraints] of Object.entries(TO_VALIDATE)) {
      for (const constraint of constraints) {
        await runner.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint}`);
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE assignments ALTER COLUMN callee_role DROP NOT NULL');
  }
}

async function somethingIsLeft(runner: QueryRunner): Promise<boolean> {
  const [{ left }] = (await runner.query(
    'SELECT EXISTS (SELECT FROM assignments WHERE callee_role IS NULL) AS left',
  )) as [{ left: boolean }];
  return left;
}

const NAME_A_BATCH = `
  WITH batch AS MATERIALIZED (
    SELECT assignment.virtual_number, assignment.dialler_key FROM assignments AS assignment
    WHERE (assignment.virtual_number, assignment.dialler_key) > ($1, $2) AND assignment.callee_role IS NULL
    ORDER BY assignment.virtual_number, assignment.dialler_key
    LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED
  ), named AS (
    UPDATE assignments AS assignment
    SET callee_role = CASE assignment.dialler_role WHEN 'customer' THEN 'agent' ELSE 'customer' END
    FROM batch
    WHERE assignment.virtual_number = batch.virtual_number AND assignment.dialler_key = batch.dialler_key
  )
  SELECT batch.virtual_number, batch.dialler_key FROM batch ORDER BY 1 DESC, 2 DESC LIMIT 1`;
