import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A batch of events that was sent and not acknowledged is sent again with the same events, and so with the same id. */
export class BatchesUnderWay1795305600082 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE order_event_deliveries
        ADD COLUMN sending_to bigint, -- the last position of the batch that was sent and is not acknowledged; null = none
        ADD CONSTRAINT a_batch_ends_behind_what_was_delivered CHECK (sending_to > delivered_to)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_event_deliveries DROP COLUMN sending_to');
  }
}
