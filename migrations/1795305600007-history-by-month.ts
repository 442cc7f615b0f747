import type { MigrationInterface, QueryRunner } from 'typeorm';

/** History in partitions of a month, so that old months can be dropped whole instead of row by row. */
export class HistoryByMonth1795305600007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE assignment_history RENAME TO assignment_history_before');
    await runner.query(
      'ALTER TABLE assignment_history_before RENAME CONSTRAINT assignment_history_pkey TO before_pkey',
    );
    await runner.query('DROP INDEX assignment_history_by_order');
    await runner.query(`
      CREATE TABLE assignment_history (
        virtual_number    text        NOT NULL,
        order_id          uuid        NOT NULL,
        dialler_id        uuid        NOT NULL,
        dialler_role      text        NOT NULL,
        callee_id         uuid        NOT NULL,
        shown_number      text        NOT NULL,
        assigned_at       timestamptz NOT NULL,
        connects_until    timestamptz NOT NULL,
        released_at       timestamptz NOT NULL,
        quarantined_until timestamptz NOT NULL,

        CONSTRAINT assignment_history_pkey PRIMARY KEY (virtual_number, dialler_id, assigned_at)
      ) PARTITION BY RANGE (assigned_at)`);
    await runner.query(`CREATE INDEX assignment_history_by_order ON assignment_history (order_id)`);
    // Named and bounded as virtual-numbers/history/assignment-history.queries.ts does: months of UTC.
    await runner.query(`
      DO $$
      DECLARE month timestamp;
      BEGIN
        FOR month IN SELECT DISTINCT date_trunc('month', assigned_at AT TIME ZONE 'UTC') FROM assignment_history_before LOOP
          EXECUTE format('CREATE TABLE %I PARTITION OF assignment_history FOR VALUES FROM (%L) TO (%L)',
                         'assignment_history_' || to_char(month, 'YYYY_MM'),
                         month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
        END LOOP;
      END $$`);
    await runner.query('INSERT INTO assignment_history SELECT * FROM assignment_history_before');
    await runner.query('DROP TABLE assignment_history_before');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE assignment_history_whole AS SELECT * FROM assignment_history');
    await runner.query('DROP TABLE assignment_history');
    await runner.query('ALTER TABLE assignment_history_whole RENAME TO assignment_history');
    await runner.query(`
      ALTER TABLE assignment_history
        ADD CONSTRAINT assignment_history_pkey PRIMARY KEY (virtual_number, dialler_id, assigned_at)`);
    await runner.query(`CREATE INDEX assignment_history_by_order ON assignment_history (order_id)`);
  }
}
