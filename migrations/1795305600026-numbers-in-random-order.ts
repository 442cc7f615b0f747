import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Numbers are picked from a random place on instead of from the head of a bucket, and an order more or less on a shared
 * number touches no index: docs/decisions/0040-numbers-are-picked-from-a-random-place-on.md.
 */
export class NumbersInRandomOrder1795305600026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX virtual_numbers_to_assign');
    await runner.query(`
      ALTER TABLE virtual_numbers
        DROP COLUMN bucket,
        ADD COLUMN lot integer NOT NULL DEFAULT floor(random() * 2147483647), -- its place in the pool, drawn once
        ADD COLUMN assignable boolean NOT NULL
          GENERATED ALWAYS AS (status = 'available' AND orders_held < capacity) STORED`);
    // Room on each page for the next versions of its numbers (HOT). No index may have orders_held, capacity or
    // last_assigned_at in its columns or in its predicate: each order would then leave a dead entry in every index.
    await runner.query('ALTER TABLE virtual_numbers SET (fillfactor = 70)');
    // The pick: from a random lot on.
    await runner.query('CREATE INDEX virtual_numbers_to_assign ON virtual_numbers (pool_id, lot) WHERE assignable');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX virtual_numbers_to_assign');
    await runner.query(`
      ALTER TABLE virtual_numbers
        DROP COLUMN lot,
        DROP COLUMN assignable,
        ADD COLUMN bucket smallint NOT NULL DEFAULT floor(random() * 64),
        ADD CONSTRAINT a_bucket_is_one_of_64 CHECK (bucket BETWEEN 0 AND 63)`);
    await runner.query('ALTER TABLE virtual_numbers RESET (fillfactor)');
    await runner.query(`
      CREATE INDEX virtual_numbers_to_assign
        ON virtual_numbers (pool_id, bucket, last_assigned_at NULLS FIRST, number)
        WHERE status = 'available' AND orders_held < capacity`);
  }
}
